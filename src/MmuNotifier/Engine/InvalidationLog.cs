namespace MmuNotifier;

/// <summary>
/// What the last <see cref="Capacity"/> bumps of a notifier's sequence were for, so that a section over a part need not retry for an
/// invalidation elsewhere (contract item 14). Written by starts, each its own entry; read by retry checks; neither waits for the other.
/// </summary>
/// <remarks>
/// A start first bumps the sequence, then writes the entry of the new number. Until it is written, and for edits, which write none, a check
/// finds another number in the entry and retries: needlessly perhaps, but a bump is never missed, because the check counts bumps by the
/// sequence and accepts none without its entry.
/// <code>
/// entry stamp:  2·n      holds bump n
///               2·n + 1  is being written for bump n; who comes for a later bump leaves it alone
/// </code>
/// </remarks>
internal sealed class InvalidationLog
{
    /// <summary>K of contract item 14.</summary>
    public const int Capacity = 32;

    private const int SpinLimit = 50;

    private readonly Entry[] _entries = new Entry[Capacity];

    /// <summary>Notes that the bump to <paramref name="sequence"/> was for an invalidation of a range, caused by a section or by none (0).</summary>
    public void Note(long sequence, AddressRange range, long originSection)
    {
        ref Entry entry = ref _entries[(int)(sequence % Capacity)];
        long old = entry.Stamp.Read();
        bool isTaken = (old & 1) != 0 || (old >> 1) >= sequence;
        if (isTaken || (!Seeded.Has(SeededDefect.LogEntryNotMarkedWhileWritten) && entry.Stamp.CompareExchange((sequence << 1) | 1, old) != old))
            return;
        entry.Start.Write((long)range.Start);
        entry.Last.Write((long)range.Last);
        entry.OriginSection.Write(originSection);
        entry.Stamp.Write(sequence << 1);
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
        for (int spins = 0; stamp >> 1 <= sequence && stamp != sequence << 1 && spins < SpinLimit; spins++)
            stamp = entry.Stamp.Read();
        if (stamp != sequence << 1)
            return !Seeded.Has(SeededDefect.LogEntryMissingAccepted);
        var start = (ulong)entry.Start.Read(SeededDefect.LogEntryReadRelaxed);
        var last = (ulong)entry.Last.Read(SeededDefect.LogEntryReadRelaxed);
        long origin = entry.OriginSection.Read(SeededDefect.LogEntryReadRelaxed);
        if (entry.Stamp.Read() != stamp && !Seeded.Has(SeededDefect.LogEntryNotCheckedAgain))
            return true;
        return !InvalidationOrigin.Exempts(origin, originSection) && start <= part.Last && part.Start <= last;
    }

    private struct Entry
    {
        public AtomicInt64 Stamp;
        public AtomicInt64 Start;
        public AtomicInt64 Last;
        public AtomicInt64 OriginSection;
    }
}
