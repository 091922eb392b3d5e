using MmuNotifier.Exploration.Scenarios.Engine.Mirroring;

namespace MmuNotifier.Exploration.Scenarios.Engine;

/// <summary>
/// Two holes are unmapped at once in one notifier, which cuts them in its callback: three pieces are left, and no entry in a hole.
/// </summary>
/// <param name="usesBatch">Whether it cuts by a batch of its own.</param>
internal sealed class TwoHoles(bool usesBatch) : MirrorScenario
{
    public override string Name => usesBatch ? "TwoHolesByBatch" : "TwoHoles";

    public override void Check()
    {
        List<AddressRange> pieces = [];
        foreach (FoundNotifier piece in Space.Find(AddressRange.Whole))
            pieces.Add(piece.Range);
        AddressRange[] expected = [ScenarioDevice.Range(0, 1), ScenarioDevice.Range(3, 4), ScenarioDevice.Range(6, 7)];
        Explore.Assert(pieces.SequenceEqual(expected), $"the pieces are {string.Join(", ", pieces)}");
    }

    protected override IEnumerable<Action> Setup()
    {
        Space.Insert(new CuttingNotifier(Device, usesBatch), ScenarioDevice.Range(0, 7));
        Device.Fill(0, 7);
        return [UnmapLeft, UnmapRight];
    }

    private void UnmapLeft() => Device.Change(2);

    private void UnmapRight() => Device.Change(5);
}
