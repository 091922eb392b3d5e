using System.Diagnostics;

namespace MmuNotifier;

/// <summary>
/// A read section on an interval notifier: collect from the address space, then, under the lock that the notifier's callback takes,
/// commit only if <see cref="MustRetry"/> is false (<c>mmu_interval_read_begin/_retry</c> in Linux).
/// </summary>
/// <remarks>
/// A value; copying it is harmless and there is nothing to dispose. It may be checked on any thread. With check and commit under the
/// lock that the callback takes too, no stale entry can be committed: if the check reads the sequence from before an invalidation, that
/// invalidation's callback has yet to take the lock and will find what was committed.
/// </remarks>
[DebuggerDisplay("{Status}")]
public readonly struct ReadSection
{
    private readonly IntervalNotifier? _notifier;
    private readonly long _sequence;
    private readonly ulong _partStart;
    private readonly ulong _partLast;

    /// <summary>-1: over the whole range. Else over a part, and the number of the section's origin, 0 for none.</summary>
    private readonly long _originSection;

    internal ReadSection(ReadStatus status)
    {
        Status = status;
    }

    internal ReadSection(IntervalNotifier notifier, long sequence)
    {
        Status = ReadStatus.Open;
        _notifier = notifier;
        _sequence = sequence;
        _originSection = -1;
    }

    internal ReadSection(IntervalNotifier notifier, long sequence, AddressRange part, long originSection)
    {
        Status = ReadStatus.Open;
        _notifier = notifier;
        _sequence = sequence;
        _partStart = part.Start;
        _partLast = part.Last;
        _originSection = originSection;
    }

    /// <summary>Whether the section is open, and if not, why.</summary>
    public ReadStatus Status { get; }

    /// <summary>
    /// Whether what was collected since the section began must be thrown away: an invalidation of the part (or, if none was named, of the
    /// range) started or an edit was made since, or the section never was open. Never waits. To rely on a "no", hold the lock that the
    /// callback takes until the commit is done.
    /// </summary>
    /// <remarks>
    /// <para>
    /// A section over a part may retry needlessly when more than 32 invalidations have met the notifier since it began, or
    /// after an edit.
    /// </para>
    /// <para>
    /// No barrier orders the collecting loads before this check. None is needed: a load that comes late sees newer memory, never older,
    /// and the driver lock orders the check against the callback.
    /// </para>
    /// </remarks>
    public bool MustRetry
    {
        get
        {
            if (_notifier is null)
                return true;
            long now = _notifier.Word.Sequence;
            bool mustRetry = now != _sequence
                && (_originSection < 0
                    || _notifier.MustRetry(_sequence, now, AddressRange.Unchecked(_partStart, _partLast), _originSection));
            if (mustRetry)
                SpaceMetrics.NoteRetry(_notifier);
            NamedStep.Note(mustRetry ? "retry? yes" : "retry? no");
            return mustRetry;
        }
    }
}
