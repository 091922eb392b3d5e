using static MmuNotifier.Registration.Tests.Real.MemoryCalls;

namespace MmuNotifier.Registration.Tests.Real;

/// <summary>The rows of the table in docs/registration-cache.md that can be shown at will.</summary>
/// <remarks>
/// No change touches the pages afterwards: a freed frame may come back, and would look as if it had stayed.
/// Not here: brk, which is the C library's; what the kernel does when it likes (compaction, swap, KSM, khugepaged); a userfaultfd that
/// moves pages away; a munmap by a child that shares the memory, or by way of io_uring, and the calls on hugetlb pages: the same events
/// announce them.
/// </remarks>
internal static class ChangeMatrix
{
    private const int MunmapNumber = 11;
    private const int ProtectNumber = 10;
    private const int RemapNumber = 25;
    private const int LockNumber = 149;
    private const int DetachNumber = 67;
    private const int RemapFilePagesNumber = 216;
    private const int TruncateNumber = 77;
    private const int AllocateNumber = 285;
    private const int PunchHole = 3;
    private const int MayMove = 1;
    private const int MayMoveTo = 3;
    private const int MayMoveAndLeave = 5;
    private const int DontNeed = 4;
    private const int Free = 8;
    private const int Remove = 9;
    private const int DontNeedLocked = 24;
    private const int GuardInstall = 102;
    private const int GuardRemove = 103;

    internal static Dictionary<string, ChangeRow> Rows { get; } = new()
    {
        ["munmap, then mmap there"] = new(SeenBy.Event, memory =>
        {
            Do(MunmapNumber, memory.At, memory.Bytes);
            MapAt(memory.Start, memory.Pages);
        }),
        ["a hole, then mmap there"] = new(SeenBy.Event, memory =>
        {
            Do(MunmapNumber, memory.At + (long)Page, (long)Page);
            MapAt(memory.Start + Page, 1);
        }),
        ["MAP_FIXED over it"] = new(SeenBy.Event, memory => MapOver(memory.Start, memory.Pages)),
        ["mremap that shrinks, then mmap there"] = new(SeenBy.Event, memory =>
        {
            Do(RemapNumber, memory.At, memory.Bytes, (long)Page, 0);
            MapAt(memory.Start + Page, memory.Pages - 1);
        }),
        ["mremap elsewhere, then mmap there"] = new(SeenBy.Event, memory =>
        {
            Do(RemapNumber, memory.At, memory.Bytes, memory.Bytes, MayMoveTo, memory.At + (2 * memory.Bytes));
            MapAt(memory.Start, memory.Pages);
        }),
        ["mremap of other memory onto it"] = new(
            SeenBy.Event, memory => Do(RemapNumber, memory.MapOther(), memory.Bytes, memory.Bytes, MayMoveTo, memory.At)),
        ["mremap with DONTUNMAP"] = new(SeenBy.Event, memory =>
            Do(MunmapNumber, Do(RemapNumber, memory.At, memory.Bytes, memory.Bytes, MayMoveAndLeave), memory.Bytes)),
        ["mremap with old size 0 onto it"] = new(
            SeenBy.Event,
            memory => Do(RemapNumber, memory.MapOther(Shared | Anonymous), 0, memory.Bytes, MayMoveTo, memory.At)),
        ["mremap with old size 0 of it"] = new(
            SeenBy.Nothing,
            memory => Do(MunmapNumber, Do(RemapNumber, memory.At, 0, memory.Bytes, MayMove), memory.Bytes),
            MemoryKind.SharedAnonymous),
        ["mremap that grows in place"] = new(
            SeenBy.Nothing, memory => Do(RemapNumber, memory.At, memory.Bytes, 2 * memory.Bytes, 0)),
        ["MADV_DONTNEED"] = new(SeenBy.Event, memory => memory.Advise(DontNeed)),
        ["MADV_DONTNEED_LOCKED"] = new(SeenBy.Event, memory => memory.Advise(DontNeedLocked)),
        ["MADV_FREE"] = new(SeenBy.Event, memory => memory.Advise(Free)),
        ["MADV_REMOVE"] = new(SeenBy.Event, memory => memory.Advise(Remove), MemoryKind.Memfd),
        ["process_madvise(DONTNEED)"] = new(SeenBy.Event, memory => memory.AdviseProcess(DontNeed)),

        ["shmat with SHM_REMAP over it"] = new(SeenBy.Record, memory => memory.AttachSegment(memory.Start, mapsOver: true)),
        ["remap_file_pages"] = new(
            SeenBy.Record, memory => Do(RemapFilePagesNumber, memory.At, memory.Bytes, 0, (long)memory.Pages), MemoryKind.Memfd),
        ["shmdt, then mmap there"] = new(
            SeenBy.Record,
            memory =>
            {
                Do(DetachNumber, memory.At);
                MapAt(memory.Start, memory.Pages);
            },
            MemoryKind.Segment),
        ["mprotect"] = new(SeenBy.Record, memory => Do(ProtectNumber, memory.At, memory.Bytes, 1)),
        ["pkey_mprotect"] = new(SeenBy.Record, memory => Do(329, memory.At, memory.Bytes, 1, -1)),

        ["fork, then a write"] = new(
            SeenBy.Scan, memory => WithForkedChild(() => Touch(memory.Start, memory.Pages)), IsStaleUnpinned: true),
        ["guard pages"] = new(SeenBy.Scan, WithGuards, IsStaleUnpinned: true, IsStalePinned: true),
        ["process_madvise(GUARD_INSTALL)"] = new(
            SeenBy.Scan, memory => memory.AdviseProcess(GuardInstall), IsStaleUnpinned: true, IsStalePinned: true),
        ["shmdt"] = new(SeenBy.Scan, memory => Do(DetachNumber, memory.At), MemoryKind.Segment, IsStaleUnpinned: true, IsStalePinned: true),

        ["ftruncate and back"] = new(
            SeenBy.Scan,
            memory =>
            {
                Do(TruncateNumber, memory.File, 0);
                Do(TruncateNumber, memory.File, memory.Bytes);
            },
            MemoryKind.Memfd,
            IsStaleUnpinned: true,
            IsStalePinned: true),
        ["fallocate(PUNCH_HOLE)"] = new(
            SeenBy.Scan,
            memory => Do(AllocateNumber, memory.File, PunchHole, 0, memory.Bytes),
            MemoryKind.Memfd,
            IsStaleUnpinned: true,
            IsStalePinned: true),
        ["MADV_REMOVE through another mapping"] = new(
            SeenBy.Scan,
            memory => Do(28, memory.MapOther(Shared, memory.File), memory.Bytes, Remove),
            MemoryKind.Memfd,
            IsStaleUnpinned: true,
            IsStalePinned: true),
        ["first write to a page of a private file"] = new(
            SeenBy.Scan, memory => Touch(memory.Start, memory.Pages), MemoryKind.PrivateMemfd, IsStaleUnpinned: true),
        ["first write to a zero page"] = new(
            SeenBy.Scan, memory => Touch(memory.Start, memory.Pages), MemoryKind.ZeroPage, IsStaleUnpinned: true),
        ["first write to an untouched page"] = new(
            SeenBy.Nothing, memory => Touch(memory.Start, memory.Pages), MemoryKind.Untouched, IsStaleUnpinned: true),

        ["MADV_COLD"] = new(SeenBy.Nothing, memory => memory.Advise(20)),
        ["MADV_WILLNEED"] = new(SeenBy.Nothing, memory => memory.Advise(3)),
        ["MADV_HUGEPAGE"] = new(SeenBy.Nothing, memory => memory.Advise(14)),
        ["MADV_DONTFORK"] = new(SeenBy.Nothing, memory => memory.Advise(10)),
        ["MADV_WIPEONFORK"] = new(SeenBy.Nothing, memory => memory.Advise(18)),
        ["MADV_POPULATE_READ"] = new(SeenBy.Nothing, memory => memory.Advise(22)),
        // Both make the pages writable, which a scan cannot distinguish from a write.
        ["MADV_POPULATE_WRITE"] = new(SeenBy.Scan, memory => memory.Advise(23)),
        ["mlock"] = new(SeenBy.Scan, memory => Do(LockNumber, memory.At, memory.Bytes)),
    };

    private static void WithGuards(ChangedMemory memory)
    {
        memory.Advise(GuardInstall, 1, 1);
        memory.Advise(GuardRemove, 1, 1);
    }
}
