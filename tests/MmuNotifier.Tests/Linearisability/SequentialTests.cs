using CsCheck;

namespace MmuNotifier.Tests.Linearisability;

/// <summary>One thread: the engine does what plain lists do, operation by operation.</summary>
public class SequentialTests(ITestOutputHelper output)
{
    private const int Notifiers = 8;
    private const int Slots = 6;
    private const int Invalidations = 3;

    private static readonly Gen<int?> s_slot = Gen.Int[0, Slots - 1].Select(slot => (int?)slot);

    private static readonly Gen<Operation> s_operation = Gen.Frequency(
        (12, Draw.Insert(Notifiers)),
        (6, Draw.Move(Notifiers)),
        (6, Draw.ConditionalMove(Notifiers)),
        (8, Draw.Cut(Notifiers)),
        (8, Draw.Batch(Notifiers)),
        (2, Draw.Remove(Notifiers)),
        (2, Draw.RemoveDeferred(Notifiers)),
        (12, Gen.Int[0, Notifiers - 1].Select(notifier => (Operation)new RenewOperation(notifier))),
        (2, Draw.RangeOf(Notifiers)),
        (6, Draw.Range.Select(range => (Operation)new FindOperation(range))),
        (2, Draw.Range.Select(range => (Operation)new FindFirstOperation(range))),
        (6, Draw.Range.Select(range => (Operation)new InvalidateOperation(range))),
        (4, Gen.Select(Gen.Int[0, Invalidations - 1], Draw.Range, (number, range) => (Operation)new StartOperation(number, range))),
        (6, Gen.Int[0, Invalidations - 1].Select(number => (Operation)new EndOperation(number))),
        (14, Draw.Begin(Notifiers, s_slot)),
        (12, Gen.Int[0, Slots - 1].Select(slot => (Operation)new RetryOperation(slot))),
        (1, Gen.Const(0).Select(_ => (Operation)new SynchronizeOperation())),
        (1, Gen.Const(0).Select(_ => (Operation)new ExitOperation())));

    [Fact]
    public void Every_operation_does_what_the_model_says() =>
        Gen.Const(0).Select(_ => (Engine: new EngineSpace(Notifiers), Model: new ModelSpace(Notifiers))).SampleModelBased(
            s_operation.Operation<EngineSpace, ModelSpace>(
                operation => operation.ToString()!,
                (engine, operation) => operation.RunOn(engine),
                (model, operation) => model.Run(operation)),
            equal: (engine, model) => SequentialCheck.Agree(engine, model),
            time: CheckTime.Seconds(4),
            threads: 1,
            printModel: SequentialCheck.FirstDifference,
            writeLine: output.WriteLine);
}
