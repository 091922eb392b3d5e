namespace MmuNotifier.Linux.Tests.Proc;

public sealed class PageMapTests : IDisposable
{
    private const int DontNeed = 4;
    private const int Remove = 9;
    private const int HugePage = 14;
    private const int PageOut = 21;
    private const int GuardInstall = 102;

    // Only the privileged see what distinguishes a marker from a page that was swapped out.
    private static readonly ProtectionState OnlyMarkers =
        Environment.IsPrivilegedProcess ? ProtectionState.NoneLeft : ProtectionState.Unknown;

    private readonly PageMap _pages = PageMap.Open(Environment.ProcessId, out _)!;
    private readonly UserfaultfdDescriptor _watch = OwnUserfaultfd.Asynchronous();
    private readonly List<PageRegion> _found = [];

    public void Dispose()
    {
        _watch.Dispose();
        _pages.Dispose();
    }

    [Fact]
    public void First_touch_after_registration_counts_as_written_and_untouched_pages_do_not()
    {
        using NativeMemory memory = Registered(8);
        Assert.Empty(Written(memory, arm: true));
        memory.Write(2, 1);
        memory.Write(5, 1);
        Assert.Equal([2, 5], Written(memory, arm: true));
        Assert.Empty(Written(memory, arm: true));
    }

    [Fact]
    public void Arming_leaves_untouched_pages_alone_so_that_their_first_touch_is_seen()
    {
        using NativeMemory memory = Registered(8);
        memory.Write(0, 1);
        Assert.Equal([0], Written(memory, arm: true));
        Assert.Equal([0], Present(memory));
        _ = memory.Read(4);
        Assert.Equal([4], Written(memory, arm: true));
    }

    [Fact]
    public void Write_after_arming_is_reported_once()
    {
        using NativeMemory memory = Registered(8);
        for (int i = 0; i < 8; i++)
            memory.Write(i, 1);
        Assert.Equal(8, Written(memory, arm: true).Count);
        memory.Write(3, 2);
        Assert.Equal([3], Written(memory, arm: false));
        Assert.Equal([3], Written(memory, arm: true));
        Assert.Empty(Written(memory, arm: true));
        Assert.Empty(Written(memory, arm: false));
    }

    [Fact]
    public void Reading_an_armed_page_is_no_write()
    {
        using NativeMemory memory = Registered(2);
        memory.Write(0, 1);
        Written(memory, arm: true);
        _ = memory.Read(0);
        Assert.Empty(Written(memory, arm: true));
    }

    [Fact]
    public void Zero_page_is_reported_when_read_first_and_again_when_written()
    {
        using NativeMemory memory = Registered(2);
        _ = memory.Read(1);
        Assert.Equal([1], Written(memory, arm: true));
        memory.Write(1, 7);
        Assert.Equal([1], Written(memory, arm: true));
    }

    [Fact]
    public void Many_scattered_pages_come_complete_through_several_calls()
    {
        using NativeMemory memory = Registered(4000);
        for (int i = 0; i < 4000; i += 2)
            memory.Write(i, 1);
        List<int> written = Written(memory, arm: true);
        Assert.Equal(Enumerable.Range(0, 2000).Select(i => i * 2), written);
        Assert.Empty(Written(memory, arm: true));
    }

    [Fact]
    public void Long_region_is_one_although_armed_in_parts()
    {
        using NativeMemory memory = Registered(40_000);
        for (int i = 0; i < 40_000; i++)
            memory.Write(i, 1);
        _found.Clear();
        Assert.Equal(PageMapStatus.Complete, _pages.ScanWritten(memory.Start, memory.Last, arm: true, _found));
        PageRegion only = Assert.Single(_found);
        Assert.Equal((memory.Start, memory.Last), (only.Start, only.Last));
    }

    [Theory]
    [InlineData(511)]
    [InlineData(600)]
    [InlineData(1024)]
    [InlineData(1500)]
    public void Many_regions_are_told_once_and_in_ascending_order(int regions)
    {
        using var memory = new NativeMemory((ulong)regions * 2);
        for (int i = 0; i < regions; i++)
            memory.Write(i * 2, 1);
        _found.Clear();
        Assert.Equal(PageMapStatus.Complete, _pages.ScanPresent(memory.Start, memory.Last, _found));
        Assert.Equal(Enumerable.Range(0, regions).Select(i => memory.PageAt(i * 2)), _found.Select(region => region.Start));
    }

    [Fact]
    public void Unregistered_memory_cannot_be_armed_and_that_is_told()
    {
        using var memory = new NativeMemory(2);
        memory.Write(0, 1);
        Assert.Equal(PageMapStatus.NotRegistered, _pages.ScanWritten(memory.Start, memory.Last, arm: true, _found));
        Assert.Equal(PageMapStatus.Complete, _pages.ScanWritten(memory.Start, memory.Last, arm: false, _found));
    }

    [Fact]
    public void Pages_of_a_memfd_are_watched_and_told_as_file()
    {
        using var memfd = new Memfd(4);
        using NativeMemory memory = Registered(4, flags: 1, memfd.Descriptor);
        memory.Write(1, 1);
        Assert.Equal([1], Written(memory, arm: true));
        memory.Write(1, 2);
        Assert.Equal([1], Written(memory, arm: true));
        PageFilter file = PageFilter.Populated with { Returned = PageCategories.File | PageCategories.Present };
        _found.Clear();
        _pages.ScanAll(memory.Start, memory.Last, PageScanFlags.None, in file, _found);
        Assert.Equal(PageCategories.File | PageCategories.Present, Assert.Single(_found).Categories);
    }

    [Fact]
    public void Writing_through_another_mapping_is_not_seen()
    {
        using var memfd = new Memfd(1);
        using NativeMemory memory = Registered(1, flags: 1, memfd.Descriptor);
        using var other = new NativeMemory(1, flags: 1, memfd.Descriptor);
        memory.Write(0, 1);
        Written(memory, arm: true);
        other.Write(0, 2);
        Assert.Equal(2, memory.Read(0));
        Assert.Empty(Written(memory, arm: true));
    }

    [Fact]
    public void Private_file_pages_are_reported_when_copied_on_write()
    {
        using FileStream file = File.OpenRead(typeof(PageMapTests).Assembly.Location);
        using NativeMemory memory = Registered(4, flags: 2, (int)file.SafeFileHandle.DangerousGetHandle());
        _ = memory.Read(0);
        Written(memory, arm: true);
        memory.Write(0, 1);
        Assert.Equal([0], Written(memory, arm: true));
    }

    [Fact]
    public void Huge_page_is_watched_and_falls_apart_at_the_first_write()
    {
        using var memory = new NativeMemory(1024);
        int first = (int)(((memory.Start + 0x1FFFFF) & ~0x1FFFFFUL) - memory.Start) / 4096;
        memory.Advise(first, 512, HugePage);
        memory.Write(first, 1);
        ulong start = memory.PageAt(first);
        ulong last = memory.PageAt(first + 512) - 1;
        Assert.Equal(UserfaultfdStatus.Done, _watch.Register(start, last).Status);
        PageFilter filter = PageFilter.Populated with { Returned = PageCategories.Huge | PageCategories.Present };
        _pages.ScanAll(start, last, PageScanFlags.None, in filter, _found);
        Assert.SkipUnless((_found[0].Categories & PageCategories.Huge) != 0, "no transparent huge page to be had");
        _found.Clear();
        _pages.ScanWritten(start, last, arm: true, _found);
        Assert.Equal((start, last), (_found[0].Start, _found[0].Last));
        memory.Write(first + 7, 1);
        _found.Clear();
        _pages.ScanWritten(start, last, arm: true, _found);
        Assert.Equal(memory.PageAt(first + 7), Assert.Single(_found).Start);
        _found.Clear();
        _pages.ScanAll(start, last, PageScanFlags.None, in filter, _found);
        Assert.DoesNotContain(_found, region => (region.Categories & PageCategories.Huge) != 0);
    }

    [Fact]
    public void Hugetlb_page_is_watched_whole()
    {
        using var memory = new NativeMemory(512, flags: 0x40022);
        Assert.SkipUnless(memory.Exists, "no huge pages reserved");
        Assert.Equal(UserfaultfdStatus.Done, _watch.Register(memory.Start, memory.Last).Status);
        memory.Write(0, 1);
        Assert.Equal(512, Written(memory, arm: true).Count);
        Assert.Empty(Written(memory, arm: true));
        memory.Write(9, 1);
        Assert.Equal(512, Written(memory, arm: true).Count);
    }

    [Fact]
    public void Swapped_page_stays_armed()
    {
        using NativeMemory memory = Registered(4);
        memory.Write(1, 1);
        Written(memory, arm: true);
        memory.Advise(0, 4, PageOut);
        _found.Clear();
        _pages.ScanPresent(memory.Start, memory.Last, _found);
        Assert.SkipUnless(_found.Exists(r => r.Categories == PageCategories.Swapped), "nothing was swapped out: no swap");
        Assert.Empty(Written(memory, arm: true));
        AssertState(memory, DropBehaviour.Anonymous, ProtectionState.SomeLeft);
    }

    [Fact]
    public void Guard_page_counts_as_a_change()
    {
        using NativeMemory memory = Registered(4);
        memory.Write(1, 1);
        Written(memory, arm: true);
        Assert.SkipUnless(memory.Advise(1, 1, GuardInstall) == 0, "no guard pages in this kernel");
        Assert.Equal([1], Written(memory, arm: true));
        Assert.Empty(Written(memory, arm: true));
    }

    [Fact]
    public void Dropped_anonymous_pages_are_no_longer_protected()
    {
        using NativeMemory memory = Registered(4);
        memory.Write(1, 1);
        AssertState(memory, DropBehaviour.Anonymous, ProtectionState.NoneLeft);
        Written(memory, arm: true);
        AssertState(memory, DropBehaviour.Anonymous, ProtectionState.SomeLeft);
        memory.Advise(0, 4, DontNeed);
        AssertState(memory, DropBehaviour.Anonymous, ProtectionState.NoneLeft);
        memory.Write(1, 1);
        Assert.Equal([1], Written(memory, arm: true));
    }

    [Fact]
    public void Markers_of_a_dropped_private_file_do_not_count_as_protected_nor_does_the_file_page_read_after()
    {
        using FileStream file = File.OpenRead(typeof(PageMapTests).Assembly.Location);
        using NativeMemory memory = Registered(2, flags: 2, (int)file.SafeFileHandle.DangerousGetHandle());
        memory.Write(0, 1);
        Written(memory, arm: true);
        AssertState(memory, DropBehaviour.PrivateFile, ProtectionState.SomeLeft);
        memory.Advise(0, 2, DontNeed);
        AssertState(memory, DropBehaviour.PrivateFile, OnlyMarkers);
        Assert.Equal((byte)'M', memory.Read(0));
        AssertState(memory, DropBehaviour.PrivateFile, ProtectionState.NoneLeft);
        // The trap: the contents have changed under the marker, and the scan for writes does not show it.
        Assert.Empty(Written(memory, arm: true));
    }

    [Fact]
    public void Removal_from_shared_memory_is_seen_until_the_page_is_touched_again()
    {
        using var memfd = new Memfd(2);
        using NativeMemory memory = Registered(2, flags: 1, memfd.Descriptor);
        memory.Write(0, 1);
        Written(memory, arm: true);
        AssertState(memory, DropBehaviour.Shared, ProtectionState.SomeLeft);
        Assert.Equal(0, memory.Advise(0, 2, Remove));
        AssertState(memory, DropBehaviour.Shared, OnlyMarkers);
        Assert.Equal(0, memory.Read(0));
        AssertState(memory, DropBehaviour.Shared, ProtectionState.SomeLeft);
        Assert.Empty(Written(memory, arm: true));
    }

    [Fact]
    public void Unknown_categories_are_refused_not_ignored()
    {
        PageFilter filter = PageFilter.Populated with { Returned = (PageCategories)(1UL << 40) };
        using var memory = new NativeMemory(1);
        Assert.Equal(PageMapStatus.Unsupported, _pages.ScanAll(memory.Start, memory.Last, PageScanFlags.None, in filter, _found));
    }

    [Fact]
    public void After_exec_and_after_exit_the_process_is_gone()
    {
        using PythonChild child = PythonChild.Start();
        ulong start = child.Address("anon(65536)");
        child.Call($"fill({start}, 1, 65536)");
        using PageMap pages = PageMap.Open(child.ProcessId, out _)!;
        Assert.Equal(PageMapStatus.Complete, pages.ScanPresent(start, start + 65535, _found));
        Assert.Equal(start + 65536, Assert.Single(_found).End);
        child.Begin("execute()");
        Assert.True(SpinWait.SpinUntil(() => !pages.IsAlive(), Patience.Limit));
        Assert.Equal(PageMapStatus.ProcessGone, pages.ScanPresent(start, start + 65535, _found));
        Assert.Equal(
            PageMapStatus.ProcessGone, pages.AnyStillProtected(start, start + 65535, DropBehaviour.Anonymous, out _));
        using PageMap second = PageMap.Open(child.ProcessId, out _)!;
        Assert.True(second.IsAlive());
        child.Kill();
        Assert.Equal(PageMapStatus.ProcessGone, second.ScanWritten(start, start + 65535, arm: true, _found));
        Assert.Null(PageMap.Open(child.ProcessId, out Errno error));
        Assert.Equal(Errno.NoEntry, error);
    }

    [Fact]
    public void Scanning_allocates_nothing_once_the_list_has_grown()
    {
        using NativeMemory memory = Registered(64);
        for (int i = 0; i < 4; i++)
            Scan(memory);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Scan(memory);
        _pages.AnyStillProtected(memory.Start, memory.Last, DropBehaviour.Anonymous, out _);
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    private void Scan(NativeMemory memory)
    {
        memory.Write(3, 1);
        _found.Clear();
        _pages.ScanWritten(memory.Start, memory.Last, arm: true, _found);
    }

    private NativeMemory Registered(ulong pages, int flags = 0x22, int descriptor = -1)
    {
        var memory = new NativeMemory(pages, flags, descriptor);
        Assert.Equal(UserfaultfdStatus.Done, _watch.Register(memory.Start, memory.Last).Status);
        return memory;
    }

    private List<int> Written(NativeMemory memory, bool arm)
    {
        _found.Clear();
        Assert.Equal(PageMapStatus.Complete, _pages.ScanWritten(memory.Start, memory.Last, arm, _found));
        return Indexes(memory);
    }

    private List<int> Present(NativeMemory memory)
    {
        _found.Clear();
        Assert.Equal(PageMapStatus.Complete, _pages.ScanPresent(memory.Start, memory.Last, _found));
        return Indexes(memory);
    }

    private List<int> Indexes(NativeMemory memory)
    {
        var indexes = new List<int>();
        foreach (PageRegion region in _found)
        {
            for (ulong page = region.Start; page < region.End; page += NativeMemory.Page)
                indexes.Add((int)((page - memory.Start) / NativeMemory.Page));
        }

        return indexes;
    }

    private void AssertState(NativeMemory memory, DropBehaviour backing, ProtectionState expected)
    {
        Assert.Equal(PageMapStatus.Complete, _pages.AnyStillProtected(memory.Start, memory.Last, backing, out ProtectionState state));
        Assert.Equal(expected, state);
    }
}
