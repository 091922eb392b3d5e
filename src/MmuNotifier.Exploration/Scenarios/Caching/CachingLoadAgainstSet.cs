namespace MmuNotifier.Exploration.Scenarios.Caching;

/// <summary>A value is loaded while another one is set.</summary>
internal sealed class CachingLoadAgainstSet() : CachingScenario(maxLoadAttempts: 2)
{
    protected override IEnumerable<Action> Setup() => [Load, ChangeAndSet];

    private void Load()
    {
        LookUp();
        Peek();
        LookUp();
    }
}
