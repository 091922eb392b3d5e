namespace MmuNotifier.Exploration.Scenarios.Litmus;

/// <summary>SB with a process-wide fence on the rare side and nothing on the frequent one.</summary>
internal sealed class AsymmetricDekker : Scenario
{
    private AtomicInt64 _frequent;
    private AtomicInt64 _rare;
    private long _seenByFrequent;
    private long _seenByRare;

    public override void Check() => Explore.Assert(_seenByFrequent == 1 || _seenByRare == 1, "both read 0");

    protected override IEnumerable<Action> Setup() => [Frequent, Rare];

    private void Frequent()
    {
        _frequent.WriteRelaxed(1);
        _seenByFrequent = _rare.ReadRelaxed();
    }

    private void Rare()
    {
        _rare.WriteRelaxed(1);
        Fence.ProcessWide(omittedBy: LitmusDefects.Weakened);
        _seenByRare = _frequent.ReadRelaxed();
    }
}
