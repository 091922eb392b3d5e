namespace MmuNotifier;

/// <summary>
/// The defects that the explorer can make, one at a time: an essential check, ordering or barrier taken out. Each has an overlay beside
/// this file, and must be caught by a scenario; docs/exploration.md has the table and says how to add one.
/// </summary>
internal enum SeededDefect
{
    /// <summary>None: as in production.</summary>
    None,

    /// <summary>
    /// An invalidation becomes active without a full fence: it may miss that the version moved, or that a word was observed.
    /// </summary>
    PublishWithoutFence,

    /// <summary>A start does not read the version again after it was published: it keeps hits of before an edit.</summary>
    StartDoesNotValidate,

    /// <summary>A start gathers although an edit is under way, and finds the version unchanged.</summary>
    OddVersionNotLookedAt,

    /// <summary>An edit does not make the version odd before it changes the tree.</summary>
    VersionMovedOnlyAtEnd,

    /// <summary>An edit moves the version to the next even number at once, and not when the tree is changed.</summary>
    VersionMovedOnlyAtBegin,

    /// <summary>A start reads the version without acquire before it gathers.</summary>
    VersionReadRelaxed,

    /// <summary>An edit writes the version without release after it has changed the tree.</summary>
    VersionWriteRelaxed,

    /// <summary>An edit makes no full fence between the version and its look at the active invalidations.</summary>
    EditWithoutFence,

    /// <summary>
    /// A start that gathers again keeps the inherited calls that edits noted for the hits of its first, discarded gathering.
    /// </summary>
    InheritedHitsKeptAtSecondGather,

    /// <summary>A notifier learns its space when starts can meet it already.</summary>
    SpaceKnownAfterInsertion,

    /// <summary>An address space inserts a notifier although another one has claimed it.</summary>
    NotifierNotClaimed,

    /// <summary>A start bumps a notifier's sequence when its callback has returned, not before.</summary>
    WordsClosedAfterCallbacks,

    /// <summary>A start does not try again to bump when its compare-and-exchange of the word fails.</summary>
    BumpNotTriedAgain,

    /// <summary>A start does not bump an Unobserved word although sections over parts exist.</summary>
    BumpLeftOutAlthoughLogged,

    /// <summary>Readers read the word without acquire: a reader that finds it open may read memory from before.</summary>
    WordReadRelaxed,

    /// <summary>A slow reader looks for active invalidations without a full fence after it observed the word.</summary>
    ObserveWithoutFence,

    /// <summary>A slow reader opens an Unobserved word without having made it Observed before its look.</summary>
    ObservedStepLeftOut,

    /// <summary>A slow reader opens the word although its sequence has changed since.</summary>
    SlowReaderDoesNotConfirm,

    /// <summary>A section over a part opens the word for all, although an invalidation elsewhere in the range is active.</summary>
    OpensDuringInvalidationElsewhere,

    /// <summary>A slow reader does not look whether the part that it names is in the range.</summary>
    PartNotLookedForInRange,

    /// <summary>A thread that finds an invalidation idle may not have seen what was changed before its end.</summary>
    StateReadRelaxed,

    /// <summary>A reader uses bounds although one may be from the object's next use.</summary>
    ReaderDoesNotLookAtGenerationAgain,

    /// <summary>An end is no release: a thread that sees it may not see the change.</summary>
    EndRelaxed,

    /// <summary>An end does not serve the readers that wait for it.</summary>
    NeedsLockIgnoredAtEnd,

    /// <summary>An end does not hand a reader that another invalidation still blocks on to that invalidation.</summary>
    BlockedReaderNotHandedOn,

    /// <summary>A reader that gave up, or that an edit released, stays registered with the invalidation that blocked it.</summary>
    UnqueuedReaderStaysAtBlocker,

    /// <summary>An invalidation that is put aside is used for the next start, although it is active.</summary>
    AsideIsSpareAtOnce,

    /// <summary>The pool of a thread that has ended is given up with what is still active.</summary>
    ActiveDroppedWithPool,

    /// <summary>A reader whose invalidation has ended waits for the next one that uses the same object.</summary>
    WaiterJoinsNextUse,

    /// <summary>The walk's position is written without release.</summary>
    CursorRelaxed,

    /// <summary>The walk gives up its finished leaves without release.</summary>
    LeavesDroppedRelaxed,

    /// <summary>An edit changes a leaf that a walk still reads.</summary>
    WalkedLeafChanged,

    /// <summary>A removal takes a hit back although the object may be in another use by then.</summary>
    HitOfAnotherUseTakenBack,

    /// <summary>A removal that finds no hit, because the object is in its next use, makes no fence.</summary>
    MissedHitWithoutFence,

    /// <summary>Edits make no fence on the walking thread between what they write and the walk's position that they read.</summary>
    RemovalWithoutFenceOnWalker,

    /// <summary>A removal that took a hit back does not look whether its call had begun.</summary>
    RemovalDoesNotLookAgain,

    /// <summary>A removal does not ask the walk for a notification.</summary>
    RemovalWithoutAttention,

    /// <summary>A removal looks only at the new place for the hits of a notifier that has moved.</summary>
    HitSearchedByNewRange,

    /// <summary>A removal waits for a call that returned before the walk could be asked for a notification.</summary>
    AwaitDoesNotLookAgain,

    /// <summary>A removal mistakes the walk's position in the object's next use for that of the use it waits for.</summary>
    AwaitLooksAtGenerationFirst,

    /// <summary>The walk does not notify removals that their call has returned.</summary>
    AwaitedHitNotTold,

    /// <summary>A removal does not wait for a second step that is due.</summary>
    SecondStepNotAwaited,

    /// <summary>A removal does not take back an inherited call that is due.</summary>
    InheritedHitNotTakenBack,

    /// <summary>A notifier that takes over bytes does not inherit calls that are due.</summary>
    InheritanceLeftOut,

    /// <summary>An inherited call is noted, and the walk not asked to look.</summary>
    InheritanceWithoutAttention,

    /// <summary>An inherited call stays noted although the walk has already passed the place where it looks for such calls.</summary>
    InheritanceNotCheckedAgain,

    /// <summary>An edit uses bounds although one may be from the object's next use.</summary>
    InheritanceOfBoundsOfTwoUses,

    /// <summary>A start can come between the edits of a batch.</summary>
    BatchNotAtomic,

    /// <summary>Readers are not kept out while a notifier's range changes.</summary>
    MoveWithoutInEdit,

    /// <summary>A move bumps the sequence only after the range has changed.</summary>
    MoveBumpsOnlyAtEnd,

    /// <summary>A move leaves readers waiting for what it left behind.</summary>
    MoveDoesNotWakeReaders,

    /// <summary>A removal does not bump the sequence: open sections go on.</summary>
    RemovalDoesNotBump,

    /// <summary>Exit does not close notifiers for good.</summary>
    ExitDoesNotMark,

    /// <summary>A notifier whose callback failed is not closed.</summary>
    FailureDoesNotMark,

    /// <summary>The right piece of a failed notifier is not marked as failed.</summary>
    FailureNotPassedOn,

    /// <summary>An entry of the log does not say that it is being written.</summary>
    LogEntryNotMarkedWhileWritten,

    /// <summary>A section reads an entry without acquire, and then its stamp again.</summary>
    LogEntryReadRelaxed,

    /// <summary>A section does not look whether the entry was written again while it read.</summary>
    LogEntryNotCheckedAgain,

    /// <summary>A section does not retry for a bump without an entry.</summary>
    LogEntryMissingAccepted,

    /// <summary>
    /// A start whose log entry is still being written for an earlier bump does not record that its own bump has no entry.
    /// </summary>
    DroppedEntryNotNoted,

    /// <summary>An edit does not say that its bump has no entry in the log.</summary>
    UnloggedBumpNotNoted,

    /// <summary>A section with an origin does not retry for invalidations of other origins either.</summary>
    OriginExemptsOthers,

    /// <summary>A refused start does not end.</summary>
    RefusalLeavesOpen,

    /// <summary>A refused start does not run the second steps that were taken.</summary>
    RefusalDropsSecondSteps,

    /// <summary>Released comes although a find holds the notifier.</summary>
    ReleasedBeforeHoldEnds,

    /// <summary>A copied find enumerator lets go what its original has let go.</summary>
    FindHoldEndedTwice,

    /// <summary>Nobody calls the keeper of the release workers when none of them is free.</summary>
    KeeperNotCalled,

    /// <summary>The keeper of the release workers gives up when the system gives it no thread.</summary>
    KeeperGivesUp,

    /// <summary>A wait that was cancelled or interrupted stays queued, and is signalled during another wait of its thread.</summary>
    WaitGivenUpNotWithdrawn,

    /// <summary>A cancellation that runs while its wait ends is not waited for: it ends the thread's next wait.</summary>
    CancellationNotAwaited,

    /// <summary>Synchronize waits for nothing.</summary>
    SynchronizeDoesNotWait,

    /// <summary>A registration delivers no starts of active invalidations.</summary>
    RegistrationWithoutStarts,

    /// <summary>A start makes a pair for a notifier whose registration made one meanwhile.</summary>
    RegistrationsPairMadeAgain,

    /// <summary>An end leaves out the pair whose start runs, and does not ask the thread that runs the start to deliver the end.</summary>
    EndOfStartingPairForgotten,

    /// <summary>A start does not look for whole-space notifiers.</summary>
    WholeSpaceNotifiersOverlooked,

    /// <summary>The removal of a whole-space notifier does not deliver the missing ends.</summary>
    MissingEndNotDelivered,

    /// <summary>The object of an invalidation can be taken while its end is not over.</summary>
    ObjectReturnedBeforeIdle,

    /// <summary>A lock is let go without release: the next thread that takes it may not see what was done under it.</summary>
    LockLetGoRelaxed,

    /// <summary>A thread that parks for a lock makes no fence on the thread that lets it go.</summary>
    LockParksWithoutFence,

    /// <summary>A thread that lets a lock go does not look for parked ones.</summary>
    LockDoesNotWake,

    /// <summary>A lock is handed over although a thread that never slept has taken it.</summary>
    LockHandedOverThoughTaken,

    /// <summary>A driver commits what it collected although the read section says retry.</summary>
    DriverRetryNotChecked,

    /// <summary>A driver checks the read section under its lock, and commits after it let the lock go.</summary>
    DriverCommitsOutsideLock,

    /// <summary>A driver takes its lock before the read section begins, which waits for callbacks that take the lock.</summary>
    DriverLockOrderTurned,

    /// <summary>The callback of a driver leaves the entries of the overlap in the device's table.</summary>
    DriverTableNotZapped,

    /// <summary>The SVM driver punches a hole by removal and insertions, each for itself.</summary>
    SvmHoleWithoutBatch,

    /// <summary>The on-demand paging driver removes a child that still has entries.</summary>
    OnDemandPagingChildRemovedWithEntries,

    /// <summary>The user pointer driver does not wait for the fences of jobs that use the pages.</summary>
    UserPointerFencesNotWaitedFor,

    /// <summary>The user pointer driver publishes a job's fence after it let the lock go.</summary>
    UserPointerFencePublishedLate,

    /// <summary>The large notifier driver leaves it to the garbage collector to zap ranges that are unmapped.</summary>
    LargeNotifierCollectedBeforeZap,

    /// <summary>The large notifier driver commits into a range that was unmapped meanwhile, and is in no tree.</summary>
    LargeNotifierRangeNotChecked,

    /// <summary>The guest memory driver does not look whether the page is being invalidated.</summary>
    GuestMemoryProgressNotChecked,

    /// <summary>The guest memory driver does not compare the sequence.</summary>
    GuestMemorySequenceNotChecked,

    /// <summary>A page of a device that migrates is shown as if it did not: another user of the device takes its frame.</summary>
    MigratingPageShown,

    /// <summary>A touch of a page that a migration has locked does not wait, but looks again at once.</summary>
    MigrationNotWaitedFor,

    /// <summary>A hit does not look whether the entry is valid when it holds it.</summary>
    CacheHitNotChecked,

    /// <summary>Who releases looks at the hold slots without a fence on all threads.</summary>
    CacheLookWithoutFence,

    /// <summary>Who ends the last hold of a retired entry does not look.</summary>
    CachePutDoesNotLook,

    /// <summary>A hold ends without release: the thread that releases may not have seen what the holder did.</summary>
    CacheHoldEndsRelaxed,

    /// <summary>A registration is kept although its read section says retry.</summary>
    CacheRetryNotChecked,

    /// <summary>The rest of a registration is kept although it changed since the hole was made.</summary>
    CacheDamageIgnored,

    /// <summary>A hit does not compare the stamps: changes may not have been reported yet.</summary>
    CacheStampNotCompared,

    /// <summary>A hit reads the handled stamp without acquire: it may not see what the reports marked.</summary>
    CacheStampReadRelaxed,

    /// <summary>The end of a lease that is not cached gives up when a removal changes the entry's state at the same time.</summary>
    CacheUncachedEndNotTriedAgain,

    /// <summary>A Dispose by the provider waits for the call that it is made from.</summary>
    CacheDisposeWaitsForItself,

    /// <summary>A get that took its hold too late does not make the cache's thread look at the entry again.</summary>
    CacheLateHoldNotTold,

    /// <summary>Dispose does not wait for what other threads hold or release.</summary>
    CacheDisposeDoesNotWait,

    /// <summary>The thread that ends the last hold releases the entry without checking whether another thread has taken it.</summary>
    CachePutDoesNotCheckAgain,

    /// <summary>A removal looks for its name without the lock under which names come into use.</summary>
    CachingNameSearchedWithoutLock,

    /// <summary>A load commits although an invalidation has made its attempt dead.</summary>
    CachingCommitNotChecked,

    /// <summary>A load whose attempt is dead stays where later callers join it.</summary>
    CachingDeadLoadJoined,

    /// <summary>A load does not count as a use of its key: the key may have no address while it runs.</summary>
    CachingUseNotCounted,

    /// <summary>A set does not end the load that is running.</summary>
    CachingSetDoesNotCollide,

    /// <summary>A load does not look whether an invalidation of its key is active.</summary>
    CachingKeySectionIgnored,

    /// <summary>A load does not look whether an invalidation of its tags is active.</summary>
    CachingTagSectionIgnored,

    /// <summary>A load does not look for open scopes of prefixes that end inside a segment.</summary>
    CachingOpenPrefixesIgnored,

    /// <summary>Such a scope is made known after its callbacks.</summary>
    CachingPrefixOpenedLate,

    /// <summary>Loads that began inside a scope can be joined after its end.</summary>
    CachingScopeEndDoesNotDetach,

    /// <summary>An invalidation of a tag takes a member off the list before it is dead: another one does not find it.</summary>
    CachingMemberLeavesAlive,
}
