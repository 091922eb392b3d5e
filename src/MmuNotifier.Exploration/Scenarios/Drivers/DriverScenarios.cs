using MmuNotifier.Hmm.Drivers;

namespace MmuNotifier.Exploration.Scenarios.Drivers;

/// <summary>The scenarios of the reference drivers, and the seeded defects of each.</summary>
internal static class DriverScenarios
{
    private static readonly Func<string, Scenario>[] s_kinds =
    [
        driver => new CollectAgainstFault(driver),
        driver => new DetachAgainstUnmap(driver),
        driver => new FaultAgainstFault(driver),
        driver => new HoleAgainstTruncate(driver),
        driver => new MigrationAgainstTouch(driver),
        driver => new ReadAgainstDontNeed(driver),
        driver => new ReadAgainstStore(driver),
        driver => new ReadAgainstUnmap(driver),
        driver => new WriteAgainstFork(driver),
    ];

    /// <summary>The drivers, as on command lines.</summary>
    public static IReadOnlyList<string> Drivers => ReferenceDrivers.Names;

    /// <summary>Of all drivers.</summary>
    public static IReadOnlyList<Func<Scenario>> All { get; } = [.. Drivers.SelectMany(Of)];

    /// <summary>Each seeded defect of a driver.</summary>
    public static IReadOnlyList<(string Driver, SeededDefect Defect)> Broken { get; } = [.. Drivers.SelectMany(DefectsOf)];

    /// <summary>Those of one driver.</summary>
    public static IEnumerable<Func<Scenario>> Of(string driver) =>
        s_kinds.Select<Func<string, Scenario>, Func<Scenario>>(make => () => make(driver));

    /// <summary>What can be taken away from a driver.</summary>
    public static IEnumerable<(string Driver, SeededDefect Defect)> DefectsOf(string driver)
    {
        SeededDefect[] own = driver switch
        {
            "svm" => [SeededDefect.SvmHoleWithoutBatch],
            "odp-implicit" => [SeededDefect.OnDemandPagingChildRemovedWithEntries],
            "userptr" => [SeededDefect.UserPointerFencesNotWaitedFor, SeededDefect.UserPointerFencePublishedLate],
            "large" => [SeededDefect.LargeNotifierCollectedBeforeZap, SeededDefect.LargeNotifierRangeNotChecked],
            "guest-memory" => [SeededDefect.GuestMemoryProgressNotChecked, SeededDefect.GuestMemorySequenceNotChecked],
            _ => [],
        };
        SeededDefect[] all =
        [
            SeededDefect.DriverRetryNotChecked, SeededDefect.DriverCommitsOutsideLock, SeededDefect.DriverLockOrderTurned,
            SeededDefect.DriverTableNotZapped, .. own,
        ];
        return all.Select(defect => (driver, defect));
    }
}
