namespace MmuNotifier;

/// <summary>
/// What the last <see cref="Capacity"/> bumps of a notifier's sequence were for, so that a section over a part need not retry for an
/// invalidation elsewhere (docs/contract.md, item 14). Starts write it, each its own entry, and retry checks read it; neither waits for the
/// other.
/// </summary>
/// <remarks>
/// A start first bumps the sequence, then writes the entry of the new number, and calls back after that. A bump that will have no entry
/// (that of an edit, which says so before it bumps) is known by <see cref="NoteUnlogged"/>.
/// <code>
/// entry stamp:  2·n      holds bump n
///               2·n + 1  is being written for bump n; a start of a later bump leaves it alone
///
/// start                                     check of bump n, under the driver lock until the commit is done
/// becomes active                            sees bump n
/// bumps the sequence to n   (1)             entry n: it decides
/// entry n, or unlogged      (2)             unlogged, or overwritten: retry
/// callback: driver lock     (3)             neither: the start is between (1) and (2), and need not be retried for
/// </code>
/// In the last case (3) comes after the commit and finds what was committed, as it does when the check comes before (1). Who is called for
/// no migration of its own forgets its entries after the start has returned, so for that it is the same.
/// </remarks>
internal sealed class InvalidationLog
{
    /// <summary>How many bumps a section over a part can distinguish (docs/contract.md, item 14).</summary>
    public const int Capacity = Bounds.LoggedBumps;

    private readonly Entry[] _entries = new Entry[Capacity];

    /// <summary>The last bump that will have no entry; those before it may have none either.</summary>
    private AtomicInt64 _lastUnlogged;

    /// <summary>
    /// Notes that the bump to <paramref name="sequence"/> was for an invalidation of a range, caused by a section or by none (0).
    /// </summary>
    public void Note(long sequence, AddressRange range, long originSection)
    {
        ref Entry entry = ref _entries[(int)(sequence % Capacity)];
        if (!TryTake(ref entry, sequence))
            return;
        entry.Start.Write((long)range.Start);
        entry.Last.Write((long)range.Last);
        entry.OriginSection.Write(originSection);
        entry.Stamp.Write(sequence << 1);
    }

    /// <summary>
    /// Says that a bump has no entry. For an edit before it bumps, so that a check that sees the bump knows; for a start before it calls
    /// back.
    /// </summary>
    public void NoteUnlogged(long sequence)
    {
        long old = _lastUnlogged.Read();
        while (old < sequence)
        {
            long seen = _lastUnlogged.CompareExchange(sequence, old);
            if (seen == old)
                return;
            old = seen;
        }
    }

    /// <summary>
    /// Whether a section over a part that began at one sequence must retry at another: if any bump in between was for that part and not
    /// caused by the section itself, or is not known any more.
    /// </summary>
    public bool MustRetry(long beganAt, long now, AddressRange part, long originSection)
    {
        if (now - beganAt > Capacity)
            return true;
        for (long sequence = beganAt + 1; sequence <= now; sequence++)
        {
            if (MustRetryFor(sequence, part, originSection))
                return true;
        }

        return false;
    }

    private bool MustRetryFor(long sequence, AddressRange part, long originSection)
    {
        ref Entry entry = ref _entries[(int)(sequence % Capacity)];
        long stamp = entry.Stamp.Read();
        if (stamp != sequence << 1)
            return stamp >> 1 > sequence || sequence <= _lastUnlogged.Read();
        var start = (ulong)entry.Start.Read();
        var last = (ulong)entry.Last.Read();
        long origin = entry.OriginSection.Read();
        if (entry.Stamp.Read() != stamp)
            return true;
        return !InvalidationOrigin.Exempts(origin, originSection) && start <= part.Last && part.Start <= last;
    }

    /// <returns>False if a later bump has the entry, or an earlier one is still being written: nobody waits for that.</returns>
    private bool TryTake(ref Entry entry, long sequence)
    {
        while (true)
        {
            long old = entry.Stamp.Read();
            if (old >> 1 >= sequence)
                return false;
            if ((old & 1) != 0)
            {
                NoteUnlogged(sequence);
                return false;
            }

            if (entry.Stamp.CompareExchange((sequence << 1) | 1, old) == old)
                return true;
        }
    }

    private struct Entry
    {
        public AtomicInt64 Stamp;
        public AtomicInt64 Start;
        public AtomicInt64 Last;
        public AtomicInt64 OriginSection;
    }
}
