namespace MmuNotifier.Tests.Stress.Holes;

/// <summary>Cuts what is unmapped out of itself, by <see cref="IntervalNotifier.Cut"/> or by a batch of its own.</summary>
internal sealed class HolePiece(HolesRun run) : IntervalNotifier
{
    private int _releases;

    public int Releases => Volatile.Read(ref _releases);

    protected internal override InvalidateResult Invalidate(in Invalidation invalidation)
    {
        StressRandom.Pause();
        if (StressRandom.Chance(20))
            run.Rearrange();
        if (StressRandom.Chance(50))
            Cut(invalidation.Overlap, run.Make);
        else
            CutByBatch(invalidation.Overlap);
        StressRandom.Pause();
        if (StressRandom.Chance(20))
            run.Rearrange();
        return InvalidateResult.Done;
    }

    protected override void Released()
    {
        if (Interlocked.Increment(ref _releases) != 1)
            run.Violations.Enqueue("a piece was released twice");
    }

    /// <summary>Replaces itself by new notifiers for what is left. If it was removed meanwhile, its successors are called.</summary>
    private void CutByBatch(AddressRange hole)
    {
        EditResult result;
        do
        {
            AddressRange range = Range;
            if (!range.Overlaps(hole))
                return;
            NotifierBatch batch = new NotifierBatch().Remove(this, range);
            if (range.Start < hole.Start)
                batch.Insert(run.Make(), new AddressRange(range.Start, hole.Start - 1));
            if (hole.Last < range.Last)
                batch.Insert(run.Make(), new AddressRange(hole.Last + 1, range.Last));
            result = Space!.Apply(batch);
        }
        while (result == EditResult.RangeDiffers);
    }
}
