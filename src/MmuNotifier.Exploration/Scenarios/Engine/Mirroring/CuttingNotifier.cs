namespace MmuNotifier.Exploration.Scenarios.Engine.Mirroring;

/// <summary>Cuts what is unmapped out of itself, in its callback; by Cut, or by a batch that puts new notifiers in its place.</summary>
internal sealed class CuttingNotifier(ScenarioDevice device, bool usesBatch) : ScenarioNotifier(device)
{
    protected override InvalidateResult Work(in Invalidation invalidation)
    {
        base.Work(in invalidation);
        if (invalidation.Event != InvalidationEvent.Unmap)
            return InvalidateResult.Done;
        if (usesBatch)
            CutByBatch(invalidation.Overlap);
        else
            CutAndGiveUp(invalidation.Overlap);
        return InvalidateResult.Done;
    }

    private void CutAndGiveUp(AddressRange hole)
    {
        Cut(hole, () => new CuttingNotifier(Device, usesBatch));
        GiveUp(hole.Start, hole.Last);
    }

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
                batch.Insert(new CuttingNotifier(Device, usesBatch), new AddressRange(range.Start, hole.Start - 1));
            if (hole.Last < range.Last)
                batch.Insert(new CuttingNotifier(Device, usesBatch), new AddressRange(hole.Last + 1, range.Last));
            result = Device.Space.Apply(batch);
        }
        while (result == EditResult.RangeDiffers);
    }
}
