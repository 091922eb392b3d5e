namespace MmuNotifier;

/// <summary>
/// A read section on an interval notifier: collect from the address space, then, under the lock that the notifier's callback takes,
/// commit only if <see cref="Retry"/> is false (<c>mmu_interval_read_begin/_retry</c> in Linux).
/// </summary>
/// <remarks>
/// A value; copying it is harmless and there is nothing to dispose. It may be checked on any thread. With check and commit under the
/// lock that the callback takes too, no stale entry can be committed: if the check reads the sequence from before an invalidation, that
/// invalidation's callback has yet to take the lock and will find what was committed.
/// </remarks>
public readonly struct ReadSection
{
    private readonly IntervalNotifier? _notifier;
    private readonly InvalidationOrigin? _origin;
    private readonly int _originBinding;
    private readonly long _sequence;

    internal ReadSection(ReadStatus status)
    {
        Status = status;
    }

    internal ReadSection(IntervalNotifier notifier, long sequence, InvalidationOrigin? origin, int originBinding)
    {
        Status = ReadStatus.Open;
        _notifier = notifier;
        _sequence = sequence;
        _origin = origin;
        _originBinding = originBinding;
    }

    /// <summary>Whether the section is open, and if not, why.</summary>
    public ReadStatus Status { get; }

    /// <summary>
    /// Whether what was collected since the section began must be thrown away: an invalidation started or an edit was made since, or the
    /// section never was open. Never waits. To rely on a "no", hold the lock that the callback takes until the commit is done.
    /// </summary>
    /// <remarks>
    /// No barrier orders the collecting loads before this check. None is needed: a load that comes late sees newer memory, never older,
    /// and the driver lock orders the check against the callback.
    /// </remarks>
    public bool Retry()
    {
        if (_notifier is null)
            return true;
        if (_origin is null)
            return _notifier.Sequence != _sequence;
        return !_origin.TryGetExemptBumps(_notifier, _originBinding, out long exemptBumps)
            || _notifier.Sequence != _sequence + exemptBumps;
    }
}
