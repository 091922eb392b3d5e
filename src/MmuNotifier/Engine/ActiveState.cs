namespace MmuNotifier;

/// <summary>
/// The state of a pooled <see cref="ActiveInvalidation"/> in one word: which use of the object it is, whether that is between start and
/// end, and whether its end has more to do than to say so.
/// </summary>
/// <remarks>
/// <code>
///        owner: publish          anybody: end
/// Idle ─────────────────▶ Active ────────────▶ Idle, next generation
///                          │  ▲ readers that wait, whole-space notifiers: NeedsLock
///                          └──┘
/// </code>
/// An end with more to do (<see cref="EndsInSteps"/>) makes it Idle in two steps: the next generation at once, so that for everybody else
/// it has ended, and free for its owner's next use (<see cref="IsIdle"/>) when waiting readers and ends are served. Its pool may ask in
/// between that the last step takes the lock: NeedsLock stands for that as well, and is set from the beginning where the end took the lock
/// for the first step.
/// </remarks>
internal readonly record struct ActiveState(long Bits)
{
    private const int GenerationShift = 4;
    private const long ActiveBit = 1;
    private const long NeedsLockBit = 2;
    private const long EndingBit = 4;
    private const long OwnedBit = 8;

    public long Generation => Bits >>> GenerationShift;

    public bool IsActive => (Bits & ActiveBit) != 0;

    /// <summary>Whether its end has more to do than to say so.</summary>
    public bool EndsInSteps => (Bits & (NeedsLockBit | OwnedBit)) != 0;

    public bool NeedsLock => (Bits & NeedsLockBit) != 0;

    /// <summary>Whether its owner may use it again.</summary>
    public bool IsIdle => (Bits & (ActiveBit | EndingBit)) == 0;

    /// <summary>Names an owner, whom the end forgets: an object that waits for its next use keeps nothing of the user's alive.</summary>
    public ActiveState AsOwned => new(Bits | OwnedBit);

    public ActiveState AsActive => new(Bits | ActiveBit);

    public ActiveState AsNeedingLock => new(Bits | NeedsLockBit);

    /// <summary>Ended for everybody, but still in use by the thread that ends it.</summary>
    public ActiveState AsEnding => new(((Generation + 1) << GenerationShift) | EndingBit | (Bits & NeedsLockBit));

    public ActiveState AsIdle => new((IsActive ? Generation + 1 : Generation) << GenerationShift);
}
