namespace MmuNotifier;

/// <summary>How far the pair of calls of a whole-space notifier is; see <see cref="WholeSpaceHit"/>.</summary>
internal enum WholeSpacePhase
{
    Pending,
    Starting,
    Started,
    Ending,
    HandedOver,
    Dropped,
}
