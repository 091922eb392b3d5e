using MmuNotifier.Exploration.Scenarios.Engine.Mirroring;

namespace MmuNotifier.Exploration.Scenarios.Engine;

/// <summary>A find is copied half-way, and both copies let go, while another find holds the same notifier and it is removed.</summary>
internal sealed class CopiedFind : MirrorScenario
{
    private ReleasedNotifier _notifier = null!;

    public override void Check() => Explore.Assert(_notifier.Releases == 1, $"Released came {_notifier.Releases} times");

    protected override IEnumerable<Action> Setup()
    {
        _notifier = new ReleasedNotifier(Device);
        Space.Insert(_notifier, ScenarioDevice.Range(0, 1));
        return [FindTwice, FindAndRemove];
    }

    private void FindTwice()
    {
        FindEnumerator first = Space.Find(AddressRange.Whole);
        if (first.MoveNext())
        {
            foreach (FoundNotifier rest in first)
                Explore.Assert(!ReferenceEquals(rest.Notifier, _notifier), "a find yields a notifier twice");
        }

        first.Dispose();
        first.Dispose();
    }

    private void FindAndRemove()
    {
        foreach (FoundNotifier found in Space.Find(AddressRange.Whole))
        {
            _notifier.Holds++;
            found.RemoveDeferred();
            Explore.Yield();
            _notifier.Holds--;
        }
    }
}
