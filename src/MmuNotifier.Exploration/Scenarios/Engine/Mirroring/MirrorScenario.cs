namespace MmuNotifier.Exploration.Scenarios.Engine.Mirroring;

/// <summary>A scenario of one device.</summary>
internal abstract class MirrorScenario : Scenario
{
    protected MirrorDevice Device { get; } = new();

    protected AddressSpace Space => Device.Space;

    protected MirrorNotifier Insert(ulong first, ulong last, object? owner = null) => MirrorNotifier.Inserted(Device, first, last, owner);
}
