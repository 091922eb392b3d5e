using Microsoft.Win32.SafeHandles;
using MmuNotifier.Hmm;

namespace MmuNotifier.Linux;

/// <summary>
/// The memory of this process, or of a child made by <see cref="Fork"/>: mappings made through this object by the system calls themselves,
/// each with its invalidation around it.
/// </summary>
/// <remarks>
/// <para>What goes through this object is announced before and after. What is changed by other means is heard of from userfaultfd, where
/// the machine has it: soon after, not before, and not all of it (docs/linux-facts.md, fact 7; mprotect for one sends no event).</para>
/// <para>The frame of a page is its page number: nothing is pinned, and a device's access goes to what is at the address at that
/// moment.</para>
/// <para>Pages go to a device and come back by the fault handler (src/MmuNotifier.FaultHandler), which is native and has a runtime of its
/// own: a thread of this process may touch a page that a device has from managed code, by pointer, and no garbage collection is held
/// up. Devices are notified after such a touch; until then their accesses to the page answer Again.</para>
/// <para>Of a child only what is mapped through its object counts; the rest of its memory is this process's own, copied on write and left
/// alone. Its calls are made by the child itself, one at a time; NoProcess when it was killed. Its pages go to no device.</para>
/// <para>Any code may map what is unmapped, the runtime included: a fixed mapping made there later would destroy what that code has put
/// there. A memory that reserves unmapped ranges leaves nothing of what it has mapped to others before it is disposed.</para>
/// <para>Locks, in this order: the lock of the family, for what concerns several of its memories; the mapping lock, held around each change
/// with its invalidation, callbacks included; the lock of the scratch file; the locks of the two ledgers, which are leaves.</para>
/// </remarks>
public sealed unsafe partial class LinuxMemory : VirtualMemory
{
    private readonly MemoryFamily _family;
    private readonly IMemoryCalls _calls;
    private readonly ProcessMaps _maps;
    private readonly PageMap _pageMap;
    private readonly bool _reservesUnmappedRanges;

    // The fault handler and the thread that follows it; null with the reason where there is none.
    private readonly PageHandler? _handler;
    private readonly string? _handlerLack;
    private Thread? _follower;

    // What is mapped, and what devices have of it. Each has its own lock, and changes only under the mapping lock. What this memory unmaps
    // goes under the lock of the scratch file as well.
    private readonly MappingLedger _mappings;
    private readonly DevicePageLedger _devicePages = new();

    // Held around each change with its invalidation. It guards:
    private readonly DriverLock _mappingLock = new("mmap_lock");
    private readonly List<MissingPages> _missing = [];
    private bool _isDisposed;
    private bool _hasHandlerEnded;

    // Held around each copy to or from the memory, so that what was found mapped stays so until it is copied. It guards:
    private readonly Lock _scratchLock = new();
    private readonly SafeFileHandle _scratch;

    /// <summary>Begins with nothing mapped.</summary>
    /// <param name="reserveUnmappedRanges">
    /// Whether what is unmapped here stays reserved for this memory. <see cref="Remap"/> then changes no length.
    /// </param>
    /// <exception cref="InvalidOperationException">/proc is not there, or no descriptor, memory or thread is left.</exception>
    public LinuxMemory(bool reserveUnmappedRanges = false)
        : this(new MemoryFamily(), MakeScratch(), static scratch => new OwnCalls(scratch), StartHandler, reserveUnmappedRanges)
    {
    }

    private LinuxMemory(
        MemoryFamily family,
        SafeFileHandle scratch,
        Func<SafeFileHandle, IMemoryCalls> begin,
        Func<(PageHandler? Handler, string? Lack)> startHandler,
        bool reserveUnmappedRanges)
    {
        _family = family;
        _reservesUnmappedRanges = reserveUnmappedRanges;
        _mappings = new MappingLedger(keepsUnmapped: reserveUnmappedRanges);
        _scratch = scratch;
        _calls = begin(scratch);
        try
        {
            (_handler, _handlerLack) = startHandler();
            _maps = ProcessMaps.Open(_calls.ProcessId, new MappingNameCache(), out Errno error)
                ?? throw new InvalidOperationException($"The list of mappings cannot be opened ({error}).");
            _pageMap = PageMap.Open(_calls.ProcessId, out error)
                ?? throw new InvalidOperationException($"The page table cannot be opened ({error}).");
            StartHandling();
        }
        catch
        {
            _pageMap?.Dispose();
            _maps?.Dispose();
            _handler?.Stop();
            _handler?.Dispose();
            _calls.Dispose();
            scratch.Dispose();
            throw;
        }

        family.Add(this);
    }

    /// <inheritdoc/>
    public override AddressSpace Space { get; } = new();

    /// <inheritdoc/>
    public override string? WhyUnsupported(MemoryFeature feature) => feature switch
    {
        MemoryFeature.Exclusive or MemoryFeature.PrivateMigration or MemoryFeature.Userfaultfd => _handlerLack,
        MemoryFeature.HugeTlb => HugePagePool.WhyUnsupported(),
        MemoryFeature.TransparentHugePages => TransparentHugePages.WhyUnsupported(),
        MemoryFeature.ZeroPage => ZeroPage.WhyUnsupported(),
        _ => null,
    };

    /// <inheritdoc/>
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
                foreach (AddressRange range in _mappings.TakeAll())
                    _calls.Unmap(range.Start, range.Length);
            }

            // Frames are freed when the handler no longer has their pages.
            HandleMessages(AddressRange.Whole);
            _devicePages.Free(AddressRange.Whole, static _ => true);
            _hasHandlerEnded = true;
        }

        _missing.ForEach(missing => missing.Dispose());
        StopHandling();
        _devicePages.Dispose();
        _calls.Dispose();
        _pageMap.Dispose();
        _maps.Dispose();
        _scratch.Dispose();
    }

    /// <summary>For the family: no mapping changes meanwhile.</summary>
    internal DriverLock.Scope HoldMappings() => _mappingLock.Hold();

    private static ulong AlignUp(ulong value, ulong unit) => (value + unit - 1) & ~(unit - 1);

    private static ulong PageAlign(ulong value) => AlignUp(value, PageBytes);

    private static (PageHandler? Handler, string? Lack) StartHandler()
    {
        PageHandler? handler = PageHandler.Start(out string? lack);
        return (handler, lack);
    }

    private static SafeFileHandle MakeScratch() => Syscall.CreateMemoryFile("mmunotifier-scratch", out Errno error)
        ?? throw new InvalidOperationException($"No scratch file can be made ({error}).");

    private static Errno AddressOrError(long result, out ulong mapped)
    {
        mapped = result < 0 ? 0 : (ulong)result;
        return Syscall.ErrorOf(result);
    }

    /// <summary>Announces a change, unless nothing made here is there or the kernel will refuse the range.</summary>
    private InvalidationScope Announce(ulong address, ulong length, InvalidationEvent kind)
    {
        _mappingLock.AssertHeld();
        return WholePages(address, length) is { } range && _mappings.Overlaps(range) ? Space.StartInvalidation(range, kind) : default;
    }

    /// <summary>The range that a system call is asked about; null if the kernel will refuse it.</summary>
    private static AddressRange? WholePages(ulong address, ulong length)
    {
        ulong size = PageAlign(length);
        bool isRefused = address % PageBytes != 0 || size == 0 || address > ulong.MaxValue - size;
        return isRefused ? null : AddressRange.FromLength(address, size);
    }
}
