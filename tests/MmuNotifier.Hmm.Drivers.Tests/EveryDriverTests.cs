
namespace MmuNotifier.Hmm.Drivers.Tests;

public sealed class EveryDriverTests : DriverTest
{
    public static TheoryData<string> Names => [.. ReferenceDrivers.Names];

    [Theory]
    [MemberData(nameof(Names))]
    public void Device_and_CPU_see_each_others_writes_also_after_the_page_was_replaced(string name)
    {
        using IReferenceDriver driver = ReferenceDrivers.Attach(name, Memory, Range);
        Store(2, 11);
        Assert.Equal(Errno.None, Read(driver, 2, out ulong value));
        Assert.Equal(11UL, value);
        Assert.Equal(Errno.None, Write(driver, 2, 12));
        Assert.Equal(12UL, Load(2));
        Assert.Equal(Errno.None, Memory.Advise(Page(2), MirroredMemory.PageBytes, Advice.DontNeed));
        Store(2, 13);
        Assert.Equal(Errno.None, Read(driver, 2, out value));
        Assert.Equal(13UL, value);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void What_the_mapping_does_not_permit_is_refused(string name)
    {
        using IReferenceDriver driver = ReferenceDrivers.Attach(name, Memory, Range);
        Assert.Equal(Errno.None, Write(driver, 4, 1));
        Assert.Equal(Errno.None, Memory.Protect(Page(4), MirroredMemory.PageBytes, Protection.Read));
        Assert.Equal(Errno.NotPermitted, Write(driver, 4, 2));
        Assert.Equal(Errno.None, Read(driver, 4, out ulong value));
        Assert.Equal(1UL, value);
        Unmap(4, 1);
        Assert.Equal(Errno.BadAddress, Read(driver, 4, out _));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_write_after_fork_does_not_reach_the_child(string name)
    {
        using IReferenceDriver driver = ReferenceDrivers.Attach(name, Memory, Range);
        Assert.Equal(Errno.None, Write(driver, 1, 5));
        using VirtualMemory child = Memory.Fork();
        Assert.Equal(Errno.None, Write(driver, 1, 6));
        byte[] word = new byte[8];
        Assert.Equal(Errno.None, child.Load(Page(1), word));
        Assert.Equal(5, word[0]);
        Assert.Equal(6UL, Load(1));
    }

    [Fact]
    public void There_is_no_driver_of_another_name() =>
        Assert.Throws<ArgumentException>(() => ReferenceDrivers.Attach("other", Memory, Range));
}
