namespace MmuNotifier.Exploration.Scenarios.Engine.Mirroring;

/// <summary>Counts what is Released, and requires that nothing of it is still in use then.</summary>
internal sealed class ReleasedNotifier(ScenarioDevice device) : ScenarioNotifier(device)
{
    /// <summary>Finds that look at it now.</summary>
    public int Holds { get; set; }

    public int Releases { get; private set; }

    protected override void Released()
    {
        Explore.Assert(Holds == 0, "Released comes while a find holds the notifier");
        RequireQuiet();
        Releases++;
        Explore.Assert(Releases == 1, "Released comes twice");
    }
}
