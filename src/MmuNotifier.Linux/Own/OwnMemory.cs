using MmuNotifier.Hmm;
using MmuNotifier.Linux.Handler;
using MmuNotifier.Linux.Native;
using MmuNotifier.Linux.Proc;

namespace MmuNotifier.Linux.Own;

/// <summary>
/// The memory of this process: mappings made through this object by the system calls themselves, each with its invalidation around it.
/// </summary>
/// <remarks>
/// <para>What goes through this object is announced before and after. What is changed by other means is heard of from userfaultfd, where
/// the machine has it: soon after, not before, and not all of it (linux.md; mprotect for one comes with no event).</para>
/// <para>The frame of a page is its page number: nothing is pinned, and a device's access goes to what is at the address at that
/// moment.</para>
/// <para>Pages go to a device and come back by the fault handler (src/MmuNotifier.FaultHandler), which is native and has a runtime of its own:
/// a thread of this process may touch a page that a device has from managed code, by pointer, and no garbage collection is held
/// up. Devices are told after such a touch; until then their accesses to the page answer Again.</para>
/// <para>Locks, in this order: the mapping lock, held around each change with its invalidation, callbacks included; the lock of the list of
/// mappings, the lock of the scratch file and the lock of the taken pages, all leaves.</para>
/// </remarks>
public sealed unsafe partial class OwnMemory : VirtualMemory
{
    private readonly DriverLock _mappingLock = new("mmap_lock");
    private readonly ProcessMaps _maps;
    private readonly PageMap _pageMap;
    private readonly Lock _listLock = new();
    private readonly RangeSet _mapped = new();
    private readonly HashSet<ulong> _fileInodes = [];
    private bool _isDisposed;

    /// <summary>Begins with nothing mapped.</summary>
    /// <exception cref="InvalidOperationException">/proc is not there, or no descriptor or memory is left.</exception>
    public OwnMemory()
    {
        _maps = ProcessMaps.Open(Environment.ProcessId, new MappingNameCache(), out Errno error)
            ?? throw new InvalidOperationException($"The list of mappings cannot be opened ({error}).");
        _pageMap = PageMap.Open(Environment.ProcessId, out error)
            ?? throw new InvalidOperationException($"The page table cannot be opened ({error}).");
        _scratch = Syscall.CreateMemoryFile("mmunotifier-scratch", out error)
            ?? throw new InvalidOperationException($"No scratch file can be made ({error}).");
        _handler = PageHandler.Start(out _handlerLack);
        StartHandling();
    }

    /// <inheritdoc/>
    public override AddressSpace Space { get; } = new();

    /// <inheritdoc/>
    public override string? DescribeLack(MemoryFeature feature) => feature switch
    {
        MemoryFeature.Fork => "This process has threads, which a fork would not copy.",
        MemoryFeature.Exclusive or MemoryFeature.PrivateMigration => _handlerLack,
        MemoryFeature.HugeTlb => "Memory of this process is mapped with pages of the ordinary size.",
        _ => null,
    };

    /// <inheritdoc/>
    public override VirtualMemory Fork() => throw new NotSupportedException(DescribeLack(MemoryFeature.Fork));

    /// <summary>Release to every notifier, then all mappings made through this object are unmapped.</summary>
    /// <param name="disposing">Whether called by Dispose.</param>
    protected override void Dispose(bool disposing)
    {
        if (!disposing)
            return;
        Space.Exit();
        using (_mappingLock.Hold())
        {
            if (_isDisposed)
                return;
            _isDisposed = true;
            FreeTaken(AddressRange.Whole, static _ => true);
            lock (_listLock)
            {
                foreach (AddressRange range in _mapped.Ranges)
                    Syscall.Unmap(range.Start, range.Last - range.Start + 1);
                _mapped.Remove(AddressRange.Whole);
            }
        }

        StopHandling();
        _exclusiveFrames.Dispose();
        _pageMap.Dispose();
        _maps.Dispose();
        _scratch.Dispose();
    }

    private static ulong PageAlign(ulong value) => (value + PageBytes - 1) & ~((ulong)PageBytes - 1);

    private static AddressRange RangeOfPage(ulong address) => AddressRange.FromLength(address & ~((ulong)PageBytes - 1), PageBytes);

    private static Errno AddressOrError(long result, out ulong mapped)
    {
        mapped = result < 0 ? 0 : (ulong)result;
        return Syscall.ErrorOf(result);
    }

    /// <summary>Under the mapping lock: announces a change, unless nothing made here is there or the kernel will refuse the range.</summary>
    private InvalidationScope Announce(ulong address, ulong length, InvalidationEvent kind)
    {
        if (WholePages(address, length) is not { } range)
            return default;
        bool isOurs;
        lock (_listLock)
            isOurs = _mapped.Overlaps(range);
        return isOurs ? Space.StartInvalidation(range, kind) : default;
    }

    /// <summary>The range that a system call is asked about; null if the kernel will refuse it.</summary>
    private static AddressRange? WholePages(ulong address, ulong length)
    {
        ulong size = PageAlign(length);
        bool isRefused = address % PageBytes != 0 || size == 0 || address > ulong.MaxValue - size;
        return isRefused ? null : AddressRange.FromLength(address, size);
    }
}
