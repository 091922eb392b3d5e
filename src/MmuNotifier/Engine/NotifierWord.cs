using System.Runtime.CompilerServices;

namespace MmuNotifier;

/// <summary>
/// What readers see of a notifier without a lock, in one word: its sequence (56 bits, enough for 40 years of bumps at one every 20 ns) and
/// flags.
/// </summary>
/// <remarks>
/// <code>
///             slow reader              slow reader, no active invalidation meets the range
/// Unobserved ─────────────▶ Observed ────────────────────────────────────────────────▶ Open
///      ▲                        │ start or edit: sequence + 1                            │
///      └────────────────────────┴────────────────────────────────────────────────────────┘
/// </code>
/// <list type="table">
/// <item><term>Open</term><description>nobody is excluded: a section over the whole range may begin without a look at anything
/// else.</description></item>
/// <item><term>Observed</term><description>excluded, as far as this word shows: a reader that begins looks at the active invalidations
/// first. Somebody knows the sequence, so the next start must bump it.</description></item>
/// <item><term>Unobserved</term><description>excluded, and nobody has looked at the sequence since it was bumped: no section that it would
/// concern exists, so a start need not bump it again, and writes nothing.</description></item>
/// </list>
/// The end of an invalidation does not touch the word: the next slow reader finds that nothing is active any more and opens it. With
/// <see cref="IsLogged"/> every start bumps, because sections over parts ask what each bump was for.
/// </remarks>
/// <param name="Bits">Sequence above, flags in the lowest byte.</param>
internal readonly record struct NotifierWord(long Bits)
{
    private const int SequenceShift = 8;
    private const long FlagMask = (1L << SequenceShift) - 1;
    private const long ObservedBit = 1;
    private const long OpenBit = 2;
    private const long LoggedBit = 4;
    private const long InEditBit = 8;
    private const long RemovedBit = 16;
    private const long ExitedBit = 32;
    private const long FailedBit = 64;
    private const long ShutMask = RemovedBit | ExitedBit | FailedBit;

    public static NotifierWord NotInserted => new(InEditBit);

    /// <summary>Whether no address space has claimed the notifier to insert it: the claim is the first bump.</summary>
    public bool IsNew => Sequence == 0;

    /// <summary>Claimed by an address space, which will insert it.</summary>
    public NotifierWord AsClaimed => Bumped;

    public long Sequence => Bits >>> SequenceShift;

    /// <summary>Whether a section over the whole range may begin at once.</summary>
    public bool IsOpen => (Bits & (FlagMask & ~LoggedBit)) == (ObservedBit | OpenBit);

    /// <summary>Whether a section over a part may begin at once: open, and bumps are logged.</summary>
    public bool IsOpenForParts => (Bits & FlagMask) == (ObservedBit | OpenBit | LoggedBit);

    /// <summary>Whether a start must bump the sequence.</summary>
    public bool MustBump
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => (Bits & (ObservedBit | LoggedBit)) != 0;
    }

    public bool IsLogged => (Bits & LoggedBit) != 0;

    /// <summary>
    /// Whether the notifier is not inserted yet or its range is being changed: a thread that begins a section does so under the engine
    /// lock, after the edit.
    /// </summary>
    public bool IsInEdit => (Bits & InEditBit) != 0;

    /// <summary>Whether no section can begin, for a reason that lasts.</summary>
    public bool IsShut => (Bits & ShutMask) != 0;

    public bool IsRemoved => (Bits & RemovedBit) != 0;

    public bool IsExited => (Bits & ExitedBit) != 0;

    public bool IsFailed => (Bits & FailedBit) != 0;

    public NotifierWord AsObserved => new(Bits | ObservedBit);

    public NotifierWord AsLogged => new(Bits | LoggedBit);

    public NotifierWord AsOpen => new(Bits | ObservedBit | OpenBit);

    /// <summary>Bumped, and closed to everybody who does not hold the engine lock.</summary>
    public NotifierWord AsInEdit => new(Bumped.Bits | InEditBit);

    /// <summary>Bumped, and the edit is complete.</summary>
    public NotifierWord AsEdited => new(Bumped.Bits & ~InEditBit);

    public NotifierWord AsRemoved => new(Bits | RemovedBit);

    public NotifierWord AsExited => new(Bits | ExitedBit);

    public NotifierWord AsFailed => new(Bits | FailedBit);

    /// <summary>The word after a start or an edit.</summary>
    public NotifierWord Bumped => new((Bits & ~(ObservedBit | OpenBit)) + (1L << SequenceShift));
}
