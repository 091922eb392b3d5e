namespace MmuNotifier.Processes;

/// <summary>
/// A read section over a part of a process's memory: copy, then, under the lock that the notifier's callback takes, keep the copy only if
/// <see cref="MustRetry"/> is false.
/// </summary>
/// <remarks>
/// It checks more than <see cref="ReadSection"/> does. Reading an event lets the target proceed before the event has become an
/// invalidation, and the target may map the address again at once; so the section must also be retried if an event was read since it began.
/// A value; copying it is harmless and there is nothing to dispose. It may be checked on any thread.
/// </remarks>
public readonly struct ProcessReadSection
{
    private readonly ReadSection _section;
    private readonly EventFence? _fence;
    private readonly long _observed;

    private ProcessReadSection(ReadSection section, EventFence fence, long observed)
    {
        (_section, _fence, _observed) = (section, fence, observed);
        Status = section.Status;
    }

    private ProcessReadSection(ReadStatus status) => Status = status;

    /// <summary>
    /// Whether the section is open, and if not, why. <see cref="ReadStatus.Invalidating"/> also says that events are being handled.
    /// </summary>
    public ReadStatus Status { get; }

    /// <summary>
    /// Whether what was copied since the section began must be thrown away: something in the part was unmapped, moved, dropped or found
    /// written, or an event was read, or the section never was open. Never waits.
    /// </summary>
    public bool MustRetry => _fence is null || _section.MustRetry || !_fence.IsUnchangedSince(_observed);

    internal static ProcessReadSection Begin(EventFence fence, IntervalNotifier notifier, AddressRange part) =>
        fence.TryObserve(out long observed)
            ? new ProcessReadSection(notifier.ReadBeginNoWait(part), fence, observed)
            : new ProcessReadSection(ReadStatus.Invalidating);
}
