namespace MmuNotifier.Registration;

/// <summary>
/// What a hit touches of a registration: small, so that it takes few cache lines. The rest is in its <see cref="EntryNotifier"/>.
/// </summary>
internal class CacheEntry
{
    /// <summary>One of <see cref="EntryState"/>.</summary>
    public AtomicInt64 State = new(EntryState.Unpublished);

    /// <summary>What the registration covers, bounds inclusive. Set before the entry is shared.</summary>
    public AddressRange Range;

    /// <summary>
    /// The second chance of the clock: set by hits, only if it is clear, so that hits on one entry by many threads write nothing shared;
    /// cleared by evictions. A hit that it loses costs an early eviction and nothing else.
    /// </summary>
    public bool WasUsed;

    /// <summary>Set before the entry is shared.</summary>
    public EntryNotifier Notifier = null!;

    public bool IsValid => State.Read() == EntryState.Valid;

    /// <summary>In bytes; what is longer than any mapping counts as the longest.</summary>
    public static long LengthOf(AddressRange range) => (long)Math.Min(range.Last - range.Start, long.MaxValue - 1) + 1;
}
