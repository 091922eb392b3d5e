using System.Runtime.InteropServices;
using MmuNotifier.Linux;

namespace MmuNotifier.Registration.Tests.Real;

/// <summary>The cache on this process's own memory, which is changed by plain system calls.</summary>
[Collection(AloneGroup.Name)]
public sealed partial class RealMemoryTests : IDisposable
{
    private const ulong Region = 64 << 10;
    private const int PrivateAnonymousNoReserve = 0x4022;
    private const int FixedNoReplace = 0x100000;
    private const int ReadWrite = 3;

    /// <summary>Where the kernel puts nothing by its own choice: what a test unmaps there stays free for it.</summary>
    private const ulong FarAddress = 0x6100_0000_0000;

    private readonly LinuxMemoryWatch _watch = new(new AddressSpace());
    private readonly PinProvider _provider = new();
    private readonly RegistrationCache<Pin> _cache;

    public RealMemoryTests()
    {
        string? failure = _watch.Failure;
        if (failure is not null)
            _watch.Dispose();
        Assert.SkipUnless(failure is null, failure ?? "");
        _cache = new RegistrationCache<Pin>(_watch, _provider);
    }

    public void Dispose()
    {
        _cache.Dispose();
        _watch.Dispose();
    }

    [Fact]
    public void Forty_thousand_unmappings_without_a_call_release_all_and_take_no_memory()
    {
        const int count = 40_000;
        ulong start = Map(count * Region);
        for (ulong i = 0; i < count; i++)
            _cache.Get(AddressRange.FromLength(start + (i * Region), Region)).Dispose();
        Assert.Equal(count, _cache.Count);
        long before = GC.GetTotalMemory(forceFullCollection: true);
        for (ulong i = 0; i < count; i++)
            Assert.Equal(0, Unmap(start + (i * Region), (nuint)Region));
        Patience.Until(() => _cache.RegisteredBytes == 0, "everything is released");
        Assert.Equal(0, _provider.Living);
        Assert.Equal(0, _cache.Count);
        Assert.InRange(GC.GetTotalMemory(forceFullCollection: true) - before, long.MinValue, 512 << 10);
    }

    [Fact]
    public void A_hundred_thousand_scattered_regions_leave_room_for_mappings()
    {
        const int mappings = 4;
        const int regions = 25_000;
        ulong[] starts = [.. Enumerable.Range(0, mappings).Select(_ => Map(regions * 2 * Region))];
        foreach (ulong start in starts)
        {
            for (ulong i = 0; i < regions; i++)
                _cache.Get(AddressRange.FromLength(start + (2 * i * Region), Region)).Dispose();
        }

        Assert.Equal(mappings * regions, _cache.Count);
        foreach (ulong start in starts)
        {
            Assert.InRange(MapsFile.CountMappings(start, regions * 2 * Region), 1, 100);
            Assert.Equal(0, Unmap(start, (nuint)(regions * 2 * Region)));
        }

        Patience.Until(() => _cache.RegisteredBytes == 0, "everything is released");
    }

    [Fact]
    public void Memory_that_is_not_mapped_is_refused_with_the_reason()
    {
        ulong start = Map(3 * Region);
        Assert.Equal(0, Unmap(start + Region, (nuint)Region));
        foreach (AddressRange range in new[] { AddressRange.FromLength(start
            + Region, Region), AddressRange.FromLength(start, 3 * Region), AddressRange.Whole })
        {
            Exception refusal = Assert.Throws<MemoryNotMappedException>(() => _cache.Get(range));
            Assert.Contains("it is not mapped throughout", refusal.Message, StringComparison.Ordinal);
        }

        Assert.Empty(_provider.All);
        Assert.Equal(0, Unmap(start, (nuint)(3 * Region)));
    }

    [Fact]
    public void A_change_by_a_plain_system_call_is_in_the_next_get()
    {
        ulong start = Map(2 * Region);
        AddressRange first = AddressRange.FromLength(start, Region);
        AddressRange second = AddressRange.FromLength(start + Region, Region);
        Pin kept, gone;
        using (RegistrationLease<Pin> lease = _cache.Get(first))
            gone = lease.Registration;
        using (RegistrationLease<Pin> lease = _cache.Get(second))
            kept = lease.Registration;
        Assert.Equal(0, Unmap(start, (nuint)Region));
        Assert.Equal((nint)start, MapAt(start, (nuint)Region, ReadWrite, PrivateAnonymousNoReserve | FixedNoReplace, -1, 0));
        using (RegistrationLease<Pin> lease = _cache.Get(first))
            Assert.NotSame(gone, lease.Registration);
        using (RegistrationLease<Pin> lease = _cache.Get(second))
            Assert.Same(kept, lease.Registration);
        Patience.Until(() => gone.IsReleased, "what was there is released");
        Assert.Equal(0, Unmap(start, (nuint)(2 * Region)));
    }

    [Fact]
    public void A_release_may_unmap_watched_memory_and_get()
    {
        ulong start = Map(4 * Region);
        AddressRange last = AddressRange.FromLength(start + (3 * Region), Region);
        int released = 0;
        _provider.OnRelease = pin =>
        {
            if (Interlocked.Increment(ref released) != 1)
                return;
            Assert.Equal(0, Unmap(start + Region, (nuint)Region));
            _cache.Get(last).Dispose();
        };
        _cache.Get(AddressRange.FromLength(start, Region)).Dispose();
        _cache.Get(AddressRange.FromLength(start + Region, Region)).Dispose();
        Assert.Equal(0, Unmap(start, (nuint)Region));
        // One lives also after the first release, and none is cached before the get in it.
        Patience.Until(
            () => Volatile.Read(ref released) == 2
                && _provider.Living == 1
                && _cache.Count == 1, "both are released, and the last is cached");
        Assert.Equal(0, Unmap(start + (2 * Region), (nuint)(2 * Region)));
    }

    private static ulong Map(ulong bytes)
    {
        nint address = MapAt(FarAddress, (nuint)bytes, ReadWrite, PrivateAnonymousNoReserve, -1, 0);
        Assert.NotEqual(-1, address);
        return (ulong)address;
    }

    [LibraryImport("libc", EntryPoint = "mmap")]
    private static partial nint MapAt(ulong address, nuint length, int protection, int flags, int file, long offset);

    [LibraryImport("libc", EntryPoint = "munmap")]
    private static partial int Unmap(ulong address, nuint length);
}
