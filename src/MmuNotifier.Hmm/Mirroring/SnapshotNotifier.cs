namespace MmuNotifier.Hmm;

/// <summary>Lives for one snapshot: it has no entries to erase, only the sequence matters.</summary>
internal sealed class SnapshotNotifier : IntervalNotifier
{
    protected internal override InvalidateResult Invalidate(in Invalidation invalidation) => InvalidateResult.Done;
}
