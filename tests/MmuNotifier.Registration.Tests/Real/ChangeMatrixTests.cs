using MmuNotifier.Linux;

namespace MmuNotifier.Registration.Tests.Real;

/// <summary>
/// The table of docs/registration-cache.md, row by row: what shows a change, and whether a hit after it is stale for a provider that only
/// notes frames and for one that holds the pages.
/// </summary>
[Collection(AloneGroup.Name)]
public sealed class ChangeMatrixTests
{
    public static TheoryData<string> Names => [.. ChangeMatrix.Rows.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_change_is_seen_as_the_table_says(string name)
    {
        ChangeRow row = ChangeMatrix.Rows[name];
        var withoutRecords = new LinuxMemoryWatchOptions { UsePerfEvents = false };
        bool byEvents = IsSeen(row, withoutRecords, verifyOnHit: false, out bool isStaleWithoutRecords);
        bool byDefault = IsSeen(row, null, verifyOnHit: false, out bool isStale);
        bool byVerification = IsSeen(row, null, verifyOnHit: true, out _);
        SeenBy seen = byEvents ? SeenBy.Event : byDefault ? SeenBy.Record : byVerification ? SeenBy.Scan : SeenBy.Nothing;
        TestContext.Current.TestOutputHelper!.WriteLine($"{name}: {seen}, stale {isStale}, stale without records {isStaleWithoutRecords}");
        Assert.Equal(row.Seen, seen);
        Assert.Equal(row.IsStaleUnpinned, isStale);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_provider_that_holds_the_pages_is_stale_only_where_the_table_says(string name)
    {
        ChangeRow row = ChangeMatrix.Rows[name];
        Assert.SkipUnless(row.CanBePinned, "the kernel does not let such pages be held for writing");
        IsSeen(row, null, verifyOnHit: false, out bool isStale, pins: true);
        Assert.Equal(row.IsStalePinned, isStale);
    }

    /// <returns>Whether the get after the change gave another registration than the one before it.</returns>
    private static bool IsSeen(ChangeRow row, LinuxMemoryWatchOptions? options, bool verifyOnHit, out bool isStale, bool pins = false)
    {
        using var watch = new LinuxMemoryWatch(new AddressSpace(), options);
        Assert.SkipUnless(watch.Failure is null, watch.Failure ?? "");
        Assert.SkipUnless(options is not null || watch.HasRecords, watch.RecordsFailure ?? "");
        using var cache = new RegistrationCache<FrameProvider.Noted>(
            watch, new FrameProvider(pins), new RegistrationCacheOptions { VerifyOnHit = verifyOnHit, DrainTimeout = TimeSpan.Zero });
        using ChangedMemory memory = Skipping(() => new ChangedMemory(row));
        FrameProvider.Noted before = Skipping(() => GetKept(cache, memory.Range));
        Skipping(() =>
        {
            row.Change(memory);
            return 0;
        });
        FrameProvider.Noted after;
        try
        {
            after = Get(cache, memory.Range);
        }
        catch (Exception)
        {
            isStale = false; // The memory is not there, or may not be written: it was checked again, and nothing stale is given out.
            return true;
        }

        ulong[]? frames = MemoryCalls.FramesOf(memory.Range.Start, memory.Pages);
        Assert.SkipWhen(frames is null || after.Frames is null, "frames are shown to CAP_SYS_ADMIN only");
        bool isSame = ReferenceEquals(before, after);
        isStale = isSame && !frames.SequenceEqual(after.Frames);
        return !isSame;
    }

    /// <summary>One that two gets in a row give: then the next get gives it too, unless something changes.</summary>
    private static FrameProvider.Noted GetKept(RegistrationCache<FrameProvider.Noted> cache, AddressRange range)
    {
        FrameProvider.Noted? kept = null;
        FrameProvider.Noted? last = null;
        Patience.Until(
            () =>
            {
                last = kept;
                kept = Get(cache, range);
                return ReferenceEquals(kept, last);
            },
            "a registration is kept");
        return kept!;
    }

    private static FrameProvider.Noted Get(RegistrationCache<FrameProvider.Noted> cache, AddressRange range)
    {
        using RegistrationLease<FrameProvider.Noted> lease = cache.Get(range);
        return lease.Registration;
    }

    private static T Skipping<T>(Func<T> action)
    {
        try
        {
            return action();
        }
        catch (NotSupportedException exception)
        {
            throw Xunit.Sdk.SkipException.ForSkip(exception.Message);
        }
    }
}
