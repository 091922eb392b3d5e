namespace MmuNotifier.Exploration.Scenarios.Engine.Mirroring;

/// <summary>A scenario of one device.</summary>
internal abstract class MirrorScenario : Scenario
{
    protected ScenarioDevice Device { get; } = new();

    protected AddressSpace Space => Device.Space;

    protected ScenarioNotifier Insert(ulong first, ulong last, object? owner = null) =>
        ScenarioNotifier.Inserted(Device, first, last, owner);
}
