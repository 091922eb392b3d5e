namespace MmuNotifier;

/// <summary>
/// The pair of calls, start and end, of one whole-space notifier for one invalidation. Pooled; all fields and phase changes are guarded
/// by the engine lock.
/// </summary>
/// <remarks>
/// <code>
/// Pending ──▶ Starting ──▶ Started ──▶ Ending ──▶ Dropped
///    │            │            └──removal──▶ HandedOver: the release worker delivers the end
///    │            └──refused──▶ Dropped
///    └──removal, or refused by another──▶ Dropped
/// </code>
/// An invalidation can end while a registering thread still delivers its start (Starting): then it sets <see cref="EndRequested"/> and
/// leaves the end to that thread, so that nobody waits for user code of another thread. The object is used again when it is dropped and
/// no longer in the invalidation's list.
/// </remarks>
internal sealed class WholeSpaceHit
{
    public WholeSpaceNotifier? Notifier { get; set; }

    /// <summary>What both calls get.</summary>
    public Invalidation Invalidation { get; set; }

    public WholeSpacePhase Phase { get; set; }

    /// <summary>Where it is among the pairs of its notifier.</summary>
    public int Index { get; set; }

    public bool EndRequested { get; set; }
}
