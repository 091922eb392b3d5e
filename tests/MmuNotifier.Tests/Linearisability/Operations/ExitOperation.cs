namespace MmuNotifier.Tests.Linearisability;

internal sealed class ExitOperation : Operation
{
    public override Prediction Predict(ModelSpace model) =>
        model.HasExited ? new Prediction("False") : new Prediction("True") { Calls = model.Exit() };

    public override string ToString() => "exit";

    protected override Observation Run(EngineSpace space)
    {
        bool result = false;
        List<Call> calls = EngineNotifier.CallsOf(() => result = space.Space.Exit());
        return new Observation(result.ToString(), calls);
    }
}
