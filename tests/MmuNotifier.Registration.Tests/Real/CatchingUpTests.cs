using System.Runtime.InteropServices;
using MmuNotifier.Linux;

namespace MmuNotifier.Registration.Tests.Real;

/// <summary>
/// A get that has to catch up with changes elsewhere and finds its entry still valid allocates nothing. Each test makes a change before
/// every get, so no get is a plain hit, whatever other threads do.
/// </summary>
public sealed partial class CatchingUpTests : IDisposable
{
    private const ulong Page = 4096;
    private const int PrivateAnonymous = 0x22;
    private const int FixedNoReplace = 0x100000;
    private const int Read = 1;
    private const int ReadWrite = 3;
    private const int DontNeed = 4;
    private const int WarmingGets = 64;
    private const int MeasuredGets = 200;

    /// <summary>
    /// The runtime makes an event for each <see cref="Lock"/> when a thread first waits for it. The locks of the cache and of the watch are
    /// contended when other threads happen to be there; each can cost one get that, once.
    /// </summary>
    private const int FirstContentions = 3;

    /// <summary>More than the rings of two processors hold.</summary>
    private const int MoreThanRecorded = 2000;

    /// <summary>Where the kernel puts nothing by its own choice.</summary>
    private static ulong s_nextAddress = 0x6300_0000_0000;

    private readonly LinuxMemoryWatch _watch = new(new AddressSpace());

    public CatchingUpTests()
    {
        string? failure = _watch.Failure ?? _watch.RecordsFailure;
        if (failure is not null)
            _watch.Dispose();
        Assert.SkipUnless(failure is null, failure ?? "");
    }

    public void Dispose() => _watch.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Get_after_a_new_mapping_elsewhere_allocates_nothing(bool verifyOnHit)
    {
        ulong start = Map(16);
        ulong elsewhere = Reserve(1);
        AssertGetsAllocateNothing(verifyOnHit, start, start, _ => MapAnew(elsewhere));
    }

    [Fact]
    public void Get_of_a_part_allocates_nothing()
    {
        ulong start = Map(16);
        ulong elsewhere = Reserve(1);
        AssertGetsAllocateNothing(verifyOnHit: false, start, start + Page, _ => MapAnew(elsewhere));
    }

    [Fact]
    public void Get_after_mprotect_beside_it_allocates_nothing()
    {
        ulong start = Map(20);
        AssertGetsAllocateNothing(
            verifyOnHit: false, start, start, i => Assert.Equal(0, Protect(start + (18 * Page), Page, i % 2 == 0 ? Read : ReadWrite)));
    }

    [Fact]
    public void Get_after_more_mappings_than_are_recorded_allocates_nothing()
    {
        ulong start = Map(16);
        ulong elsewhere = Reserve(1);
        AssertGetsAllocateNothing(verifyOnHit: false, start, start, _ =>
        {
            for (int i = 0; i < MoreThanRecorded; i++)
                MapAnew(elsewhere);
        }, warming: 4, measured: 12);
    }

    [Fact]
    public void Get_after_a_removal_of_pages_beside_it_allocates_nothing()
    {
        ulong start = Map(20);
        AssertGetsAllocateNothing(verifyOnHit: false, start, start, _ =>
        {
            Touch(start + (18 * Page));
            Assert.Equal(0, Advise(start + (18 * Page), Page, DontNeed));
        });
    }

    [Fact]
    public void Get_after_a_watched_range_elsewhere_was_unmapped_allocates_nothing()
    {
        const int rounds = WarmingGets + MeasuredGets;
        ulong start = Map(16);
        ulong[] others = [.. Enumerable.Range(0, rounds).Select(_ => Map(2))];
        AssertGetsAllocateNothing(
            verifyOnHit: false,
            start,
            start,
            i => Assert.Equal(0, Unmap(others[i], (nuint)(2 * Page))),
            cache => Array.ForEach(others, other => cache.Get(AddressRange.FromLength(other, 2 * Page)).Dispose()));
    }

    private void AssertGetsAllocateNothing(
        bool verifyOnHit,
        ulong start,
        ulong got,
        Action<int> change,
        Action<RegistrationCache<Pin>>? prepare = null,
        int warming = WarmingGets,
        int measured = MeasuredGets)
    {
        var provider = new PinProvider();
        using var cache = new RegistrationCache<Pin>(_watch, provider, new RegistrationCacheOptions { VerifyOnHit = verifyOnHit });
        cache.Get(AddressRange.FromLength(start, 16 * Page)).Dispose();
        prepare?.Invoke(cache);
        AddressRange range = AddressRange.FromLength(got, Page);
        long misses = cache.Metrics.Misses;
        int allocating = 0;
        for (int i = 0; i < warming + measured; i++)
        {
            ulong stamp = _watch.Stamp;
            change(i);
            Assert.NotEqual(stamp, _watch.Stamp);
            long before = GC.GetAllocatedBytesForCurrentThread();
            cache.Get(range).Dispose();
            if (i >= warming && GC.GetAllocatedBytesForCurrentThread() != before)
                allocating++;
        }

        Assert.Null(_watch.Failure);
        Assert.Equal(misses, cache.Metrics.Misses);
        Assert.True(allocating <= FirstContentions, $"{allocating} of {measured} gets allocated");
    }

    private static ulong Reserve(ulong pages)
    {
        ulong bytes = (pages + 64) * Page; // The gap keeps neighbours from joining.
        return Interlocked.Add(ref s_nextAddress, bytes) - bytes;
    }

    /// <summary>Pages that were touched, with free addresses behind them.</summary>
    private static ulong Map(ulong pages)
    {
        ulong address = Reserve(pages);
        MapAt(address, pages);
        for (ulong i = 0; i < pages; i++)
            Touch(address + (i * Page));
        return address;
    }

    private static void MapAnew(ulong address)
    {
        Assert.Equal(0, Unmap(address, (nuint)Page));
        MapAt(address, 1);
    }

    private static void MapAt(ulong address, ulong pages) =>
        Assert.Equal((nint)address, MapAt(address, (nuint)(pages * Page), ReadWrite, PrivateAnonymous | FixedNoReplace, -1, 0));

    private static unsafe void Touch(ulong address) => Volatile.Write(ref *(byte*)address, 1);

    [LibraryImport("libc", EntryPoint = "mmap")]
    private static partial nint MapAt(ulong address, nuint length, int protection, int flags, int file, long offset);

    [LibraryImport("libc", EntryPoint = "munmap")]
    private static partial int Unmap(ulong address, nuint length);

    [LibraryImport("libc", EntryPoint = "mprotect")]
    private static partial int Protect(ulong address, ulong length, int protection);

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int Advise(ulong address, ulong length, int advice);
}
