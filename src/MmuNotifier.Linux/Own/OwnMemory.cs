using MmuNotifier.Hmm;
using MmuNotifier.Linux.Native;
using MmuNotifier.Linux.Proc;

namespace MmuNotifier.Linux.Own;

/// <summary>
/// The memory of this process: mappings made through this object by the system calls themselves, each with its invalidation around it.
/// </summary>
/// <remarks>
/// <para>Only what goes through this object is announced. Who changes the mappings made here by other means must not have devices mirror
/// them.</para>
/// <para>The frame of a page is its page number: nothing is pinned, and a device's access goes to what is at the address at that
/// moment.</para>
/// <para>What is unmapped is free for whoever maps next, the runtime included: a fixed mapping made there later would destroy that. A memory that
/// keeps its addresses leaves nothing of what it has mapped to others before it is disposed.</para>
/// <para>Locks, in this order: the mapping lock, held around each change with its invalidation, callbacks included; the lock of the list of
/// mappings and the lock of the scratch file, both leaves.</para>
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
    /// <param name="keepsAddresses">Whether nobody else gets what is unmapped here. <see cref="Remap"/> then changes no length.</param>
    /// <exception cref="InvalidOperationException">/proc is not there, or no descriptor or memory is left.</exception>
    public OwnMemory(bool keepsAddresses = false)
    {
        _keepsAddresses = keepsAddresses;
        _maps = ProcessMaps.Open(Environment.ProcessId, new MappingNameCache(), out Errno error)
            ?? throw new InvalidOperationException($"The list of mappings cannot be opened ({error}).");
        _pageMap = PageMap.Open(Environment.ProcessId, out error)
            ?? throw new InvalidOperationException($"The page table cannot be opened ({error}).");
        _scratch = Syscall.CreateMemoryFile("mmunotifier-scratch", out error)
            ?? throw new InvalidOperationException($"No scratch file can be made ({error}).");
    }

    /// <inheritdoc/>
    public override AddressSpace Space { get; } = new();

    /// <inheritdoc/>
    public override string? DescribeLack(MemoryFeature feature) => feature switch
    {
        MemoryFeature.Fork => "This process has threads, which a fork would not copy.",
        MemoryFeature.Exclusive or MemoryFeature.PrivateMigration => "Pages of this process's own memory are not taken from its CPUs.",
        MemoryFeature.HugeTlb => "Memory of this process is mapped with pages of the ordinary size.",
        _ => null,
    };

    /// <inheritdoc/>
    public override VirtualMemory Fork() => throw new NotSupportedException(DescribeLack(MemoryFeature.Fork));

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
            lock (_listLock)
            {
                foreach (AddressRange range in _mapped.Ranges.Concat(_kept.Ranges))
                    Syscall.Unmap(range.Start, range.Last - range.Start + 1);
                _mapped.Remove(AddressRange.Whole);
                _kept.Remove(AddressRange.Whole);
            }
        }

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
