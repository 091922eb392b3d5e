namespace MmuNotifier.Exploration.Scenarios.Engine.Mirroring;

/// <summary>Would have to block.</summary>
internal sealed class RefusingNotifier(ScenarioDevice device) : ScenarioNotifier(device)
{
    protected override InvalidateResult Work(in Invalidation invalidation) =>
        invalidation.IsBlockable ? base.Work(in invalidation) : InvalidateResult.WouldBlock;
}
