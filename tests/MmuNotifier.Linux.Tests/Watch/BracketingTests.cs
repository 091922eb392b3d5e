using Microsoft.Win32.SafeHandles;
using MmuNotifier.Hmm;

namespace MmuNotifier.Linux.Tests.Watch;

[Collection(WatchGroup.Name)]
public class BracketingTests
{
    private const ulong Page = 4096;
    private const int Shared = 1;
    private const int ReadWrite = 3;

    [Fact]
    public void What_is_mapped_of_a_file_hears_of_its_truncation_and_of_holes()
    {
        using var watched = new Watched();
        using SafeFileHandle file = Syscall.CreateMemoryFile("mmunotifier-test", out _)!;
        Assert.Equal(Errno.None, watched.Watch.Truncate(file, 8 * Page));
        ulong address = (ulong)Syscall.MapFile(0, 6 * Page, ReadWrite, Shared, file, 2 * Page);
        try
        {
            watched.Add(address, 6);
            AddressRange whole = AddressRange.FromLength(address, 6 * Page);
            Assert.Equal(Errno.None, watched.Watch.PunchHole(file, 3 * Page, Page));
            Assert.Equal([(InvalidationEvent.Clear, new AddressRange(address + Page, whole.Last))], watched.ReportsOn(whole));
            watched.Clear();
            Assert.Equal(Errno.None, watched.Watch.Truncate(file, 4 * Page));
            Assert.Equal([(InvalidationEvent.Clear, new AddressRange(address + (2 * Page), whole.Last))], watched.ReportsOn(whole));
            watched.Clear();
            Assert.Equal(Errno.InvalidArgument, watched.Watch.PunchHole(file, 0, 0));
        }
        finally
        {
            Syscall.Unmap(address, 6 * Page);
        }
    }

    [Fact]
    public void A_change_of_permissions_is_announced_also_without_records()
    {
        using var watched = new Watched(Watched.WithoutRecords);
        ulong address = watched.Map(2);
        AddressRange range = AddressRange.FromLength(address, 2 * Page);
        Assert.Equal(Errno.None, watched.Watch.Protect(range, Protection.Read));
        Assert.Contains((InvalidationEvent.ProtectionVma, range), watched.ReportsOn(range));
        Syscall.Unmap(address, 2 * Page);
    }
}
