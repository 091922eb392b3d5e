using Microsoft.Win32.SafeHandles;
using MmuNotifier.Hmm;
using MmuNotifier.Linux.Native;
using MmuNotifier.Linux.Proc;

namespace MmuNotifier.Linux.Own;

/// <summary>
/// The memory of this process, or of a child made by <see cref="Fork"/>: mappings made through this object by the system calls themselves,
/// each with its invalidation around it.
/// </summary>
/// <remarks>
/// <para>Only what goes through this object is announced. Who changes the mappings made here by other means must not have devices mirror
/// them.</para>
/// <para>The frame of a page is its page number: nothing is pinned, and a device's access goes to what is at the address at that
/// moment.</para>
/// <para>Of a child only what is mapped through its object counts; the rest of its memory is this process's own, copied on write and left
/// alone. Its calls are made by the child itself, one at a time; NoProcess when it was killed.</para>
/// <para>Locks, in this order: the lock of the family, for what concerns several of its memories; the mapping lock, held around each change with its invalidation, callbacks included; the lock of the list of
/// mappings and the lock of the scratch file, both leaves.</para>
/// </remarks>
public sealed unsafe partial class OwnMemory : VirtualMemory
{
    private readonly DriverLock _mappingLock = new("mmap_lock");
    private readonly ProcessMaps _maps;
    private readonly PageMap _pageMap;
    private readonly Lock _listLock = new();
    private readonly RangeSet _mapped = new();
    private readonly MemoryFamily _family;
    private readonly IMemoryCalls _calls;
    private bool _isDisposed;

    /// <summary>Begins with nothing mapped.</summary>
    /// <exception cref="InvalidOperationException">/proc is not there, or no descriptor or memory is left.</exception>
    public OwnMemory()
        : this(new MemoryFamily(), MakeScratch(), scratch => new OwnCalls(scratch))
    {
    }

    private OwnMemory(MemoryFamily family, SafeFileHandle scratch, Func<SafeFileHandle, IMemoryCalls> begin)
    {
        _family = family;
        _scratch = scratch;
        _calls = begin(scratch);
        _maps = ProcessMaps.Open(_calls.ProcessId, new MappingNameCache(), out Errno error)
            ?? throw new InvalidOperationException($"The list of mappings cannot be opened ({error}).");
        _pageMap = PageMap.Open(_calls.ProcessId, out error)
            ?? throw new InvalidOperationException($"The page table cannot be opened ({error}).");
        family.Add(this);
    }

    /// <inheritdoc/>
    public override AddressSpace Space { get; } = new();

    /// <inheritdoc/>
    public override string? DescribeLack(MemoryFeature feature) => feature switch
    {
        MemoryFeature.Exclusive or MemoryFeature.PrivateMigration => "Pages of this process's own memory are not taken from its CPUs.",
        MemoryFeature.HugeTlb => HugePagePool.DescribeLack(),
        _ => null,
    };

    /// <inheritdoc/>
    /// <remarks>Answers NotSupported: <see cref="MemoryFeature.Exclusive"/> is lacking.</remarks>
    public override Errno MakeExclusive(AddressRange range, object owner, Span<ulong> frames)
    {
        frames.Clear();
        return Errno.NotSupported;
    }

    /// <inheritdoc/>
    /// <remarks>Answers NotSupported: <see cref="MemoryFeature.PrivateMigration"/> is lacking.</remarks>
    protected override Errno CollectPages(AddressRange range, MigrateSelect select, object owner, Span<MigratePage> pages)
    {
        pages.Clear();
        return Errno.NotSupported;
    }

    /// <inheritdoc/>
    protected override Errno CopyPage(ref MigratePage page) => Errno.NotSupported;

    /// <inheritdoc/>
    protected override void FinishPages(AddressRange range, object owner, Span<MigratePage> pages)
    {
    }

    /// <summary>Release to every notifier, then all mappings made through this object are unmapped; a child exits.</summary>
    /// <param name="disposing">Whether called by Dispose.</param>
    protected override void Dispose(bool disposing)
    {
        if (!disposing)
            return;
        Space.Exit();
        using (_family.Lock.Hold())
        using (_mappingLock.Hold())
        {
            if (_isDisposed)
                return;
            _isDisposed = true;
            _family.Remove(this);

            // Copies find nothing mapped from now on, and touch neither memory nor the files that are closed below.
            lock (_scratchLock)
            {
                lock (_listLock)
                {
                    foreach (AddressRange range in _mapped.Ranges)
                        _calls.Unmap(range.Start, range.Last - range.Start + 1);
                    _mapped.Remove(AddressRange.Whole);
                }
            }
        }

        _calls.Dispose();
        _pageMap.Dispose();
        _maps.Dispose();
        _scratch.Dispose();
    }

    /// <summary>For the family: no mapping changes meanwhile.</summary>
    internal DriverLock.Scope HoldMappings() => _mappingLock.Hold();

    private static ulong AlignUp(ulong value, ulong unit) => (value + unit - 1) & ~(unit - 1);

    private static ulong PageAlign(ulong value) => AlignUp(value, PageBytes);

    private static SafeFileHandle MakeScratch() => Syscall.CreateMemoryFile("mmunotifier-scratch", out Errno error)
        ?? throw new InvalidOperationException($"No scratch file can be made ({error}).");

    private static AddressRange RangeOfPage(ulong address) => AddressRange.FromLength(address & ~((ulong)PageBytes - 1), PageBytes);

    private static Errno AddressOrError(long result, out ulong mapped)
    {
        mapped = result < 0 ? 0 : (ulong)result;
        return Syscall.ErrorOf(result);
    }

    /// <summary>Under the mapping lock: announces a change, unless nothing made here is there or the kernel will refuse the range.</summary>
    private InvalidationScope Announce(ulong address, ulong length, InvalidationEvent kind)
    {
        ulong size = PageAlign(length);
        if (address % PageBytes != 0 || size == 0 || address > ulong.MaxValue - size)
            return default;
        var range = AddressRange.FromLength(address, size);
        bool isOurs;
        lock (_listLock)
            isOurs = _mapped.Overlaps(range);
        return isOurs ? Space.StartInvalidation(range, kind) : default;
    }
}
