using CsCheck;

namespace MmuNotifier.Tests.Linearisability;

/// <summary>Two or three threads: for what their operations come to there is an order in which plain lists come to the same.</summary>
/// <remarks>
/// Left out, because the contract does not make them one step: a find of several notifiers (the space may change between two steps), and
/// exit (it closes notifiers one by one). What readers see beside an edit or a start, and which calls a removal calls off or a batch hands
/// on, depends on who comes first at a second point; these rules are with the operations.
/// </remarks>
public class ParallelTests(ITestOutputHelper output)
{
    private const int Notifiers = 6;
    private const int Inserted = Notifiers / 2;
    private const int CallPause = 50;
    private const int OpenPause = 30;

    private static readonly Gen<Operation> s_operation = Gen.Frequency(
        (3, Draw.Insert(Notifiers)),
        (4, Draw.Move(Notifiers)),
        (6, Draw.ConditionalMove(Notifiers)),
        (5, Draw.Cut(Notifiers)),
        (5, Draw.FittingBatch(Inserted, Notifiers)),
        (6, Draw.Replacement(Inserted, Notifiers)),
        (3, Draw.Remove(Notifiers)),
        (3, Draw.RemoveDeferred(Notifiers)),
        (2, Draw.RangeOf(Notifiers)),
        (2, Draw.Range.Select(range => (Operation)new FindFirstOperation(range))),
        (14, Draw.Range.Select(range => (Operation)new InvalidateOperation(range, OpenPause))),
        (1, Gen.Const(0).Select(_ => (Operation)new EndOperation(0))),
        (5, Draw.Begin(Notifiers, Gen.Const(() => (int?)null))),
        (5, Gen.Int[0, (2 * Inserted) - 1].Select(slot => (Operation)new RetryOperation(slot))));

    private static readonly Gen<(Lanes Lanes, List<LaneOperation> Order)> s_initial = Gen.Select(
        Draw.Range.Array[Inserted], Draw.OptionalRange, (ranges, active) =>
            (new Lanes(new InitialState(ranges, active, Notifiers, CallPause)), new List<LaneOperation>()));

    [Fact]
    public void There_is_an_order_of_the_operations_that_explains_what_they_observed() => s_initial.SampleParallel(
        [
            s_operation.Select(operation => new LaneOperation(operation)).Operation<Lanes, List<LaneOperation>>(
                operation => operation.ToString(),
                (lanes, operation) => operation.RunOn(lanes),
                (order, operation) => order.Add(operation)),
        ],
        equal: (lanes, order) => lanes.TryOrder(order),
        maxSequentialOperations: 4,
        maxParallelOperations: 6,
        time: CheckTime.Seconds(8),
        threads: 3,
        printModel: _ => "",
        writeLine: output.WriteLine);
}
