using MmuNotifier.Hmm;

namespace MmuNotifier.MemoryContract;

/// <summary>madvise.</summary>
public abstract class AdvisingContract : ContractTests
{
    private readonly ulong _at;

    protected AdvisingContract(VirtualMemory memory, bool announcesOnlyChanges)
        : base(memory, announcesOnlyChanges)
    {
        _at = Memory.MapPages(3);
        for (ulong i = 0; i < 3; i++)
            Memory.Write(_at + (i * Page), (byte)(i + 1));
        ForgetEvents();
    }

    [Fact]
    public void Dont_need_drops_the_pages()
    {
        Assert.Equal(Errno.None, Memory.Advise(_at + Page, Page, Advice.DontNeed));
        ExpectEvents(_at, "Clear 1+1");
        Assert.Equal(0, Memory.Read(_at + Page));
        Assert.Equal(1, Memory.Read(_at));
    }

    [Fact]
    public void A_hole_is_told_but_does_not_stop_it()
    {
        Memory.Unmap(_at + Page, Page);
        ForgetEvents();
        Assert.Equal(Errno.NoMemory, Memory.Advise(_at, 3 * Page, Advice.DontNeed));
        ExpectEvents(_at, "Clear 0+1", "Clear 2+1");
    }

    [Fact]
    public void Remove_needs_sharedMemory()
    {
        using MemoryFile file = Memory.CreateFile(2 * Page);
        ulong shared = Memory.MapPages(2, MapFlags.Shared, file: file);
        ulong privately = Memory.MapPages(2, MapFlags.Private, file: file);
        Memory.Write(shared, 1);
        Memory.Write(shared + Page, 2);
        Assert.Equal(1, Memory.Read(privately));
        ForgetEvents();
        Assert.Equal(Errno.None, Memory.Advise(shared, Page, Advice.Remove));
        long distance = ((long)privately - (long)shared) / 4096;
        ExpectEvents(shared, $"Clear {distance}+1", "Clear 0+1");
        Assert.Equal(0, Memory.Read(shared));
        Assert.Equal(0, Memory.Read(privately));
        Assert.Equal(2, Memory.Read(shared + Page));
        Assert.Equal(Errno.AccessDenied, Memory.Advise(privately, Page, Advice.Remove));
        Assert.Equal(Errno.InvalidArgument, Memory.Advise(_at, Page, Advice.Remove));
    }

    [Fact]
    public void Populate_needs_mappings_that_permit_it()
    {
        ulong at = Memory.MapPages(2, MapFlags.Private, Protection.Read);
        Assert.Equal(Errno.None, Memory.Advise(at, 2 * Page, Advice.PopulateRead));
        Assert.NotEqual(PageState.None, Memory.PageOf(at + Page).State);
        Assert.Equal(Errno.InvalidArgument, Memory.Advise(at, Page, Advice.PopulateWrite));
        Memory.Unmap(at, Page);
        Assert.Equal(Errno.NoMemory, Memory.Advise(at, 2 * Page, Advice.PopulateRead));
        using MemoryFile file = Memory.CreateFile(Page);
        ulong mapped = Memory.MapPages(2, file: file);
        Assert.Equal(Errno.BadAddress, Memory.Advise(mapped, 2 * Page, Advice.PopulateRead));
    }

    [Theory]
    [InlineData(1, Page, Advice.DontNeed, Errno.InvalidArgument)]
    [InlineData(0, Page, (Advice)99, Errno.InvalidArgument)]
    [InlineData(0, ulong.MaxValue, Advice.DontNeed, Errno.InvalidArgument)]
    [InlineData(0, 0, Advice.DontNeed, Errno.None)]
    public void Refuses_as_madvise_does(ulong offset, ulong length, Advice advice, Errno expected) =>
        Assert.Equal(expected, Memory.Advise(_at + offset, length, advice));

    [Fact]
    public void Free_and_wipe_are_for_private_anonymousMemory()
    {
        ulong shared = Memory.MapPages(1, MapFlags.Shared);
        Assert.Equal(Errno.InvalidArgument, Memory.Advise(shared, Page, Advice.Free));
        Assert.Equal(Errno.InvalidArgument, Memory.Advise(shared, Page, Advice.WipeOnFork));
    }

    [Fact]
    public void Children_do_not_get_or_find_empty_what_was_advised_so()
    {
        Need(MemoryFeature.Fork);
        Memory.Advise(_at, Page, Advice.DontFork);
        Memory.Advise(_at + Page, Page, Advice.WipeOnFork);
        using VirtualMemory child = Memory.Fork();
        Assert.Equal(Errno.BadAddress, child.TryRead(_at));
        Assert.Equal(0, child.Read(_at + Page));
        Assert.Equal(3, child.Read(_at + (2 * Page)));
    }
}
