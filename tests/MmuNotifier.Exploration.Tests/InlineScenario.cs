namespace MmuNotifier.Exploration.Tests;

/// <summary>A scenario of lambdas. Make new state in the factory.</summary>
internal sealed class InlineScenario(Action[] threads, Action? check = null) : Scenario
{
    public override void Check() => check?.Invoke();

    protected override IEnumerable<Action> Setup() => threads;
}
