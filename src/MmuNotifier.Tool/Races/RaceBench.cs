using Microsoft.Win32.SafeHandles;
using MmuNotifier.IoUring;
using MmuNotifier.Linux;
using MmuNotifier.Registration;

namespace MmuNotifier.Tool.Races;

/// <summary>
/// One region of this process's memory, a cache of io_uring buffers, and the exact question whether a registration describes the region:
/// the region begins with a token that the CPU wrote, and a fixed write from the registration shows which token the registered pages have.
/// </summary>
internal sealed unsafe class RaceBench : IDisposable
{
    internal const ulong RegionBytes = 64 << 10;

    /// <summary>Where the kernel puts nothing by its own choice, so that only the race itself maps here.</summary>
    private const ulong RegionAddress = 0x2000_0000_0000;

    /// <summary>A page before the region, which grows into it.</summary>
    private const ulong NeighbourAddress = RegionAddress - PageSize.Bytes;

    /// <summary>From where memory is moved to the region.</summary>
    private const ulong SourceAddress = RegionAddress + (1UL << 30);

    private const int MapAnonymousPrivate = 0x22;
    private const int MapFixedNoReplace = 0x100000;
    private const int ReadWrite = 3;

    private readonly LinuxMemoryWatch _watch = new(new AddressSpace());
    private readonly FixedRing _ring;
    private readonly SafeFileHandle _file;
    private readonly IoUringBufferRegistry _registry;

    /// <summary>Makes one.</summary>
    /// <exception cref="InvalidOperationException">This machine cannot.</exception>
    internal RaceBench()
    {
        if (_watch.Failure is { } failure)
            throw new InvalidOperationException(failure);
        _ring = FixedRing.Create(out string? lack) ?? throw new InvalidOperationException(lack);
        _file = Syscall.CreateMemoryFile("mmun-token", out Errno error)
            ?? throw new InvalidOperationException($"No file in memory can be made ({error}).");
        _registry = new IoUringBufferRegistry(_ring.Handle, _watch, slots: 64);
    }

    internal static AddressRange Region => AddressRange.FromLength(RegionAddress, RegionBytes);

    internal static ref ulong Token => ref *(ulong*)RegionAddress;

    /// <summary>Lookups that the cache answered so far.</summary>
    internal long Hits => _registry.Cache.Metrics.Hits;

    /// <summary>Maps the region, unless something is there.</summary>
    internal static bool TryMap() =>
        Syscall.MapAnonymous(RegionAddress, RegionBytes, ReadWrite, MapAnonymousPrivate | MapFixedNoReplace, 0) >= 0;

    /// <summary>Lets a neighbour grow in place into the region, unless something is there. That leaves neither event nor record.</summary>
    internal static bool TryGrowNeighbour()
    {
        const int inPlace = 0;
        Syscall.MapAnonymous(NeighbourAddress, PageSize.Bytes, ReadWrite, MapAnonymousPrivate | MapFixedNoReplace, 0);
        return Syscall.Remap(NeighbourAddress, PageSize.Bytes, PageSize.Bytes + RegionBytes, inPlace, 0) >= 0;
    }

    /// <summary>Moves other memory to the region, unless something is there. That leaves neither event nor record.</summary>
    internal static bool TryMoveHere()
    {
        const int asItIs = 0;
        const int mayMoveTo = 3;
        Syscall.MapAnonymous(SourceAddress, RegionBytes, ReadWrite, MapAnonymousPrivate | MapFixedNoReplace, 0);
        // Only into a hole: mremap onto a mapping unmaps that, with an event.
        return Syscall.Advise(RegionAddress, RegionBytes, asItIs) == Errno.NoMemory
            && Syscall.Remap(SourceAddress, RegionBytes, RegionBytes, mayMoveTo, RegionAddress) >= 0;
    }

    /// <summary>Puts another mapping over the region without an event; there is a record.</summary>
    internal static void AttachSegmentOver() => Require(Syscall.AttachSegmentOver(RegionAddress, RegionBytes));

    internal static void Unmap() => Require(Syscall.Unmap(RegionAddress, RegionBytes));

    internal static void DropPages() => Require(Syscall.Advise(RegionAddress, RegionBytes, (int)Hmm.Advice.DontNeed));

    /// <summary>
    /// Gets a registration of the region and asks which token its pages have; null if the region cannot be registered now.
    /// </summary>
    internal ulong? LookUpToken()
    {
        RegistrationLease<int> lease;
        try
        {
            lease = _registry.Get(Region);
        }
        catch (IoUringBufferException)
        {
            return null; // Not mapped at this moment.
        }

        using (lease)
        {
            int written = _ring.Write(_file, 0, lease.Registration, RegionAddress, sizeof(ulong));
            ulong token;
            if (written != sizeof(ulong) || Syscall.ReadAt(_file, &token, sizeof(ulong), 0) != sizeof(ulong))
                throw new InvalidOperationException($"A fixed write failed with error {-written}.");
            return token;
        }
    }

    /// <summary>At the end: whether the race has shown anything.</summary>
    /// <exception cref="InvalidOperationException">
    /// The watch has failed meanwhile, or nothing was answered from the cache though it could be.
    /// </exception>
    internal void RequireMeaning(bool needsHits)
    {
        if (_watch.Failure is { } failure)
            throw new InvalidOperationException($"Nothing was cached: {failure}");
        if (needsHits && Hits == 0)
            throw new InvalidOperationException("The cache answered no look-up, so the race shows nothing.");
    }

    public void Dispose()
    {
        _registry.Dispose();
        _ring.Dispose();
        _file.Dispose();
        _watch.Dispose();
        Syscall.Unmap(NeighbourAddress, PageSize.Bytes + RegionBytes);
        Syscall.Unmap(SourceAddress, RegionBytes);
    }

    private static void Require(Errno error)
    {
        if (error != Errno.None)
            throw new InvalidOperationException($"The region cannot be changed ({error}).");
    }
}
