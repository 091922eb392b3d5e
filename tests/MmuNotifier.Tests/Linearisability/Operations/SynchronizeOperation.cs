namespace MmuNotifier.Tests.Linearisability;

/// <summary>Waits for the releases: then all that were removed are released once, and no other is.</summary>
internal sealed class SynchronizeOperation : Operation
{
    public override Prediction Predict(ModelSpace model) =>
        new(string.Join(' ', model.Notifiers.Select(notifier => notifier.State == NotifierState.Released ? 1 : 0)));

    public override string ToString() => "synchronize";

    protected override Observation Run(EngineSpace space)
    {
        using var limit = new CancellationTokenSource(TestNotifier.Limit);
        space.Space.Synchronize(limit.Token);
        return space.Replaced.All(notifier => notifier.Releases == 1)
            ? new Observation(string.Join(' ', space.Notifiers.Select(notifier => notifier.Releases)))
            : new Observation("a notifier that was removed is not released once");
    }
}
