using MmuNotifier.Exploration.Scenarios.Caching;
using MmuNotifier.Exploration.Scenarios.Drivers;
using MmuNotifier.Exploration.Scenarios.Engine;
using MmuNotifier.Exploration.Scenarios.Litmus;
using MmuNotifier.Exploration.Scenarios.Mirroring;
using MmuNotifier.Exploration.Scenarios.Registration;

namespace MmuNotifier.Exploration.Scenarios;

/// <summary>All scenarios by name, and which of them are to catch which defect.</summary>
internal static class ScenarioRegistry
{
    /// <summary>Scenarios of the engine: what explore and defects run by default.</summary>
    public static IReadOnlyList<Func<Scenario>> Engine { get; } =
    [
        () => new AwaitedRemovalAndSynchronize(),
        () => new AwaitingReader(),
        () => new BatchInheritance(),
        () => new BatchIsOneStep(),
        () => new CancelledRemoval(),
        () => new CopiedFind(),
        () => new DeferredRemovalFindSynchronize(),
        () => new EditDuringGather(),
        () => new ExitAgainstInsert(),
        () => new FailedCut(),
        () => new FailedReport(),
        () => new GivenUpReader(isInterrupted: false),
        () => new GivenUpReader(isInterrupted: true),
        () => new GrowAgainstInvalidation(),
        () => new HeirIsRemoved(),
        () => new InheritedTwice(),
        () => new InsertAgainstInvalidation(),
        () => new InvalidationsPutAside(),
        () => new LookWhileObjectIsReused(),
        () => new MoveAgainstInvalidation(),
        () => new MoveAwayReleasesReader(),
        () => new NestedInWholeSpaceEnd(),
        () => new NonBlockableRefusal(),
        () => new OpenReadAgainstInvalidations(),
        () => new OriginSections(),
        () => new OwnerMigrationAgainstCut(),
        () => new ParkedThreads(isInterrupted: false),
        () => new ParkedThreads(isInterrupted: true),
        () => new PartReadAgainstInvalidations(),
        () => new PartReadAgainstManyInvalidations(),
        () => new PartReadWhileElsewhereIsActive(),
        () => new PartReadWhileEntryIsWritten(),
        () => new PartReaderAndWholeReader(),
        () => new ReadAgainstCut(),
        () => new ReadAgainstExit(),
        () => new ReadAgainstInsert(),
        () => new ReadAgainstInvalidation(),
        () => new ReadAgainstMove(),
        () => new ReadAgainstRemoval(),
        () => new ReadWhileObjectIsReused(),
        () => new ReaderOfTwoInvalidations(),
        () => new ReaderWaitsForNobodyElse(),
        () => new ReadersOfNestedInvalidations(),
        () => new RefusalAgainstRemoval(),
        () => new ReleasesHoldNobodyUp(),
        () => new RemovalAfterForeignEnd(),
        () => new RemovalAfterMove(hasSecondStep: false),
        () => new RemovalAfterMove(hasSecondStep: true),
        () => new RemovalAfterTwoMoves(),
        () => new RemovalAgainstCallback(),
        () => new RemovalSeesCallback(hasSecondStep: false),
        () => new RemovalSeesCallback(hasSecondStep: true),
        () => new RemovalWhileHitsAreReused(),
        () => new RemovalWhileObjectIsReused(),
        () => new ThreadEndsWithOpenInvalidation(),
        () => new TreeShapeAgainstInvalidation(merges: true),
        () => new TreeShapeAgainstInvalidation(merges: false),
        () => new TwoHoles(usesBatch: false),
        () => new TwoHoles(usesBatch: true),
        () => new TwoReadersOneInvalidation(),
        () => new TwoRemoversOneCallback(),
        () => new TwoSpacesOneNotifier(),
        () => new WaitingReader(),
        () => new WholeSpaceRegistration(),
        () => new WholeSpaceRemoval(),
    ];

    /// <summary>Scenarios of the registration cache.</summary>
    public static IReadOnlyList<Func<Scenario>> Cache { get; } =
    [
        () => new CacheAnnouncedChange(),
        () => new CacheDisposeAsyncAgainstGet(),
        () => new CacheDisposeInRelease(),
        () => new CacheHandledElsewhere(),
        () => new CacheHitAgainstInvalidation(),
        () => new CacheHitsAgainstInvalidation(),
        () => new CacheMissAgainstAnnouncedChange(),
        () => new CacheMissAgainstInvalidation(),
        () => new CachePutElsewhere(),
        () => new CacheReleaseAgainstDispose(),
        () => new CacheRemoveAgainstUncached(),
        () => new CacheSplitAgainstInvalidation(),
        () => new CacheTryGetAgainstRemoval(),
    ];

    /// <summary>Scenarios of the cache of values by name.</summary>
    public static IReadOnlyList<Func<Scenario>> Caching { get; } =
    [
        () => new CachingEvictionAgainstRemoval(),
        () => new CachingJoinAgainstRemoval(),
        () => new CachingLoadAgainstPrefix(),
        () => new CachingLoadAgainstRemoval(),
        () => new CachingLoadAgainstRemoveSetRemove(),
        () => new CachingLoadAgainstScope("Key"),
        () => new CachingLoadAgainstScope("Prefix"),
        () => new CachingLoadAgainstScope("Segment"),
        () => new CachingLoadAgainstScope("Tag"),
        () => new CachingLoadAgainstSet(),
        () => new CachingLoadAgainstTag(),
        () => new CachingTwoRemovalsOfOneTag(),
    ];

    /// <summary>Scenarios of the mirror device.</summary>
    public static IReadOnlyList<Func<Scenario>> Mirroring { get; } =
    [
        () => new TouchesOfOneDevicePage(),
        () => new TouchOfLockedPage(),
        () => new TwoOpensOfOneDevice(),
    ];

    /// <summary>
    /// Scenarios that prove the explorer itself: each fails with <see cref="LitmusDefects.Weakened"/> unless it says otherwise, and never
    /// without.
    /// </summary>
    public static IReadOnlyList<Func<Scenario>> Litmus { get; } =
    [
        () => new StoreBuffering(),
        () => new AsymmetricDekker(),
        () => new MessagePassing(isReleaseWeakened: true),
        () => new MessagePassing(isReleaseWeakened: false),
        () => new IndependentReads(),
        () => new CoherentReads(),
        () => new Counting(),
        () => new ExchangeAsFence(),
        () => new WakeUp(),
        () => new LockOrder(),
        () => new Workload(),
    ];

    /// <summary>The scenarios to run for a defect, by name. Each defect is here or in <see cref="OutsideTheModel"/>.</summary>
    public static IReadOnlyDictionary<SeededDefect, string[]> ByDefect { get; } = new Dictionary<SeededDefect, string[]>
    {
        [SeededDefect.PublishWithoutFence] = ["BatchInheritance"],
        [SeededDefect.StartDoesNotValidate] = ["EditDuringGather"],
        [SeededDefect.OddVersionNotLookedAt] = ["EditDuringGather"],
        [SeededDefect.VersionMovedOnlyAtEnd] = ["EditDuringGather"],
        [SeededDefect.VersionMovedOnlyAtBegin] = ["EditDuringGather"],
        [SeededDefect.EditWithoutFence] = ["BatchInheritance"],
        [SeededDefect.InheritedHitsKeptAtSecondGather] = ["BatchInheritance"],
        [SeededDefect.SpaceKnownAfterInsertion] = ["TwoHolesByBatch"],
        [SeededDefect.NotifierNotClaimed] = ["TwoSpacesOneNotifier"],
        [SeededDefect.WordsClosedAfterCallbacks] = ["OpenReadAgainstInvalidations"],
        [SeededDefect.BumpNotTriedAgain] = ["OriginSections"],
        [SeededDefect.BumpLeftOutAlthoughLogged] = ["PartReadAgainstInvalidations"],
        [SeededDefect.WordReadRelaxed] = ["PartReaderAndWholeReader"],
        [SeededDefect.ObserveWithoutFence] = ["ReadAgainstInvalidation"],
        [SeededDefect.ObservedStepLeftOut] = ["ReadAgainstInvalidation"],
        [SeededDefect.SlowReaderDoesNotConfirm] = ["ReadAgainstInvalidation"],
        [SeededDefect.OpensDuringInvalidationElsewhere] = ["PartReaderAndWholeReader"],
        [SeededDefect.PartNotLookedForInRange] = ["ReadAgainstCut"],
        [SeededDefect.StateReadRelaxed] = ["PartReadWhileElsewhereIsActive"],
        [SeededDefect.ReaderDoesNotLookAtGenerationAgain] = ["LookWhileObjectIsReused"],
        [SeededDefect.EndRelaxed] = ["ReadAgainstInvalidation"],
        [SeededDefect.NeedsLockIgnoredAtEnd] = ["WaitingReader"],
        [SeededDefect.BlockedReaderNotHandedOn] = ["ReaderOfTwoInvalidations"],
        [SeededDefect.UnqueuedReaderStaysAtBlocker] = ["CancelledReader"],
        [SeededDefect.AsideIsSpareAtOnce] = ["InvalidationsPutAside"],
        [SeededDefect.ActiveDroppedWithPool] = ["ThreadEndsWithOpenInvalidation"],
        [SeededDefect.WaiterJoinsNextUse] = ["ReaderWaitsForNobodyElse"],
        [SeededDefect.CursorRelaxed] = ["RemovalSeesCallback"],
        [SeededDefect.WalkedLeafChanged] = ["BatchInheritance"],
        [SeededDefect.LeavesDroppedRelaxed] = ["RemovalSeesCallback"],
        [SeededDefect.HitOfAnotherUseTakenBack] = ["RemovalWhileHitsAreReused"],
        [SeededDefect.MissedHitWithoutFence] = ["RemovalAfterForeignEnd"],
        [SeededDefect.RemovalWithoutFenceOnWalker] = ["RemovalSeesCallback"],
        [SeededDefect.RemovalDoesNotLookAgain] = ["RemovalSeesCallback"],
        [SeededDefect.RemovalWithoutAttention] = ["TwoRemoversOneCallback"],
        [SeededDefect.HitSearchedByNewRange] = ["RemovalAfterMove"],
        [SeededDefect.AwaitDoesNotLookAgain] = ["TwoRemoversOneCallback"],
        [SeededDefect.AwaitLooksAtGenerationFirst] = ["RemovalWhileObjectIsReused"],
        [SeededDefect.AwaitedHitNotTold] = ["TwoRemoversOneCallback"],
        [SeededDefect.SecondStepNotAwaited] = ["RemovalAgainstSecondStep"],
        [SeededDefect.InheritedHitNotTakenBack] = ["HeirIsRemoved"],
        [SeededDefect.InheritanceLeftOut] = ["BatchInheritance"],
        [SeededDefect.InheritanceWithoutAttention] = ["BatchInheritance"],
        [SeededDefect.InheritanceNotCheckedAgain] = ["BatchInheritance"],
        [SeededDefect.InheritanceOfBoundsOfTwoUses] = ["BatchInheritance"],
        [SeededDefect.BatchNotAtomic] = ["InheritedTwice"],
        [SeededDefect.MoveWithoutInEdit] = ["GrowAgainstInvalidation"],
        [SeededDefect.MoveBumpsOnlyAtEnd] = ["GrowAgainstInvalidation"],
        [SeededDefect.MoveDoesNotWakeReaders] = ["MoveAwayReleasesReader"],
        [SeededDefect.RemovalDoesNotBump] = ["ReadAgainstRemoval"],
        [SeededDefect.ExitDoesNotMark] = ["ReadAgainstExit"],
        [SeededDefect.FailureDoesNotMark] = ["FailedReport"],
        [SeededDefect.FailureNotPassedOn] = ["FailedCut"],
        [SeededDefect.LogEntryNotMarkedWhileWritten] = ["PartReadAgainstManyInvalidations"],
        [SeededDefect.LogEntryReadRelaxed] = ["PartReadAgainstManyInvalidations"],
        [SeededDefect.LogEntryNotCheckedAgain] = ["PartReadAgainstManyInvalidations"],
        [SeededDefect.LogEntryMissingAccepted] = ["PartReadAgainstManyInvalidations"],
        [SeededDefect.DroppedEntryNotNoted] = ["PartReadWhileEntryIsWritten"],
        [SeededDefect.UnloggedBumpNotNoted] = ["ReadAgainstCut", "GrowAgainstInvalidation"],
        [SeededDefect.OriginExemptsOthers] = ["OriginSections"],
        [SeededDefect.RefusalLeavesOpen] = ["NonBlockableRefusal"],
        [SeededDefect.RefusalDropsSecondSteps] = ["NonBlockableRefusal"],
        [SeededDefect.ReleasedBeforeHoldEnds] = ["DeferredRemovalFindSynchronize"],
        [SeededDefect.FindHoldEndedTwice] = ["CopiedFind"],
        [SeededDefect.KeeperNotCalled] = ["ReleasesHoldNobodyUp"],
        [SeededDefect.KeeperGivesUp] = ["ReleasesHoldNobodyUp"],
        [SeededDefect.WaitGivenUpNotWithdrawn] = ["CancelledReader", "InterruptedReader"],
        [SeededDefect.CancellationNotAwaited] = ["CancelledReader"],
        [SeededDefect.SynchronizeDoesNotWait] = ["DeferredRemovalFindSynchronize"],
        [SeededDefect.RegistrationWithoutStarts] = ["WholeSpaceRegistration"],
        [SeededDefect.RegistrationsPairMadeAgain] = ["WholeSpaceRegistration"],
        [SeededDefect.EndOfStartingPairForgotten] = ["WholeSpaceRegistration"],
        [SeededDefect.WholeSpaceNotifiersOverlooked] = ["WholeSpaceRegistration"],
        [SeededDefect.MissingEndNotDelivered] = ["WholeSpaceRemoval"],
        [SeededDefect.ObjectReturnedBeforeIdle] = ["NestedInWholeSpaceEnd"],
        [SeededDefect.LockLetGoRelaxed] = ["ParkedThreads"],
        [SeededDefect.LockParksWithoutFence] = ["ParkedThreads"],
        [SeededDefect.LockDoesNotWake] = ["ParkedThreads"],
        [SeededDefect.LockHandedOverThoughTaken] = ["ParkedThreads"],
        [SeededDefect.DriverRetryNotChecked] = ["svm:ReadAgainstUnmap"],
        [SeededDefect.DriverCommitsOutsideLock] = ["svm:ReadAgainstUnmap"],
        [SeededDefect.DriverLockOrderTurned] = ["svm:ReadAgainstUnmap"],
        [SeededDefect.DriverTableNotZapped] = ["svm:ReadAgainstUnmap"],
        [SeededDefect.SvmHoleWithoutBatch] = ["svm:HoleAgainstTruncate"],
        [SeededDefect.OnDemandPagingChildRemovedWithEntries] = ["odp-implicit:ReadAgainstUnmap"],
        [SeededDefect.UserPointerFencesNotWaitedFor] = ["userptr:ReadAgainstUnmap"],
        [SeededDefect.UserPointerFencePublishedLate] = ["userptr:ReadAgainstUnmap"],
        [SeededDefect.LargeNotifierCollectedBeforeZap] = ["large:ReadAgainstUnmap"],
        [SeededDefect.LargeNotifierRangeNotChecked] = ["large:FaultAgainstFault"],
        [SeededDefect.GuestMemoryProgressNotChecked] = ["guest-memory:ReadAgainstUnmap"],
        [SeededDefect.GuestMemorySequenceNotChecked] = ["guest-memory:ReadAgainstUnmap"],
        [SeededDefect.MigratingPageShown] = ["TwoOpensOfOneDevice"],
        [SeededDefect.MigrationNotWaitedFor] = ["TouchOfLockedPage"],
        [SeededDefect.CacheHitNotChecked] = ["CacheHitAgainstInvalidation"],
        [SeededDefect.CacheLookWithoutFence] = ["CacheHitAgainstInvalidation"],
        [SeededDefect.CachePutDoesNotLook] = ["CachePutElsewhere"],
        [SeededDefect.CacheHoldEndsRelaxed] = ["CachePutElsewhere"],
        [SeededDefect.CacheRetryNotChecked] = ["CacheMissAgainstInvalidation"],
        [SeededDefect.CacheDamageIgnored] = ["CacheSplitAgainstInvalidation"],
        [SeededDefect.CacheStampNotCompared] = ["CacheAnnouncedChange"],
        [SeededDefect.CacheStampReadRelaxed] = ["CacheHandledElsewhere"],
        [SeededDefect.CacheUncachedEndNotTriedAgain] = ["CacheRemoveAgainstUncached"],
        [SeededDefect.CacheDisposeWaitsForItself] = ["CacheDisposeInRelease"],
        [SeededDefect.CacheLateHoldNotTold] = ["CacheHitAgainstInvalidation"],
        [SeededDefect.CacheDisposeDoesNotWait] = ["CacheReleaseAgainstDispose"],
        [SeededDefect.CachePutDoesNotCheckAgain] = ["CachePutElsewhere"],
        [SeededDefect.CachingNameSearchedWithoutLock] = ["CachingLoadAgainstRemoval"],
        [SeededDefect.CachingCommitNotChecked] = ["CachingLoadAgainstRemoval"],
        [SeededDefect.CachingDeadLoadJoined] = ["CachingJoinAgainstRemoval"],
        [SeededDefect.CachingUseNotCounted] = ["CachingLoadAgainstRemoval"],
        [SeededDefect.CachingSetDoesNotCollide] = ["CachingLoadAgainstSet"],
        [SeededDefect.CachingKeySectionIgnored] = ["CachingLoadAgainstScopeOfKey"],
        [SeededDefect.CachingTagSectionIgnored] = ["CachingLoadAgainstScopeOfTag"],
        [SeededDefect.CachingOpenPrefixesIgnored] = ["CachingLoadAgainstScopeOfPrefix"],
        [SeededDefect.CachingPrefixOpenedLate] = ["CachingLoadAgainstScopeOfPrefix"],
        [SeededDefect.CachingScopeEndDoesNotDetach] = ["CachingLoadAgainstScopeOfKey"],
        [SeededDefect.CachingMemberLeavesAlive] = ["CachingTwoRemovalsOfOneTag"],
    };

    /// <summary>Defects that the model cannot show, with the reason: not being caught is no failure.</summary>
    public static IReadOnlyDictionary<SeededDefect, string> OutsideTheModel { get; } = new Dictionary<SeededDefect, string>
    {
        [SeededDefect.VersionReadRelaxed] =
            "What it orders, the nodes of the tree, are ordinary fields: the model reads them at once. On Arm64 a node could be read "
                + "before the "
            + "version, from within an edit that the version read then, and again after the publication, shows as over.",
        [SeededDefect.VersionWriteRelaxed] =
            "What it orders, the nodes of the tree, are ordinary fields: the model writes them at once. On Arm64 the even version could "
                + "be seen "
            + "before the nodes that the edit wrote.",
    };

    public static IEnumerable<Func<Scenario>> All => [.. Engine, .. Cache, .. Caching, .. Mirroring, .. DriverScenarios.All, .. Litmus];

    public static Func<Scenario>? Find(string name) =>
        All.FirstOrDefault(factory => factory().Name.Equals(name, StringComparison.OrdinalIgnoreCase));

    public static IReadOnlyList<Func<Scenario>> For(SeededDefect defect)
    {
        if (!ByDefect.TryGetValue(defect, out string[]? names))
            return Engine;
        return [.. names.Select(name => Find(name) ?? throw new InvalidOperationException($"{defect} names the scenario {name}, which "
            + "there is not."))];
    }
}
