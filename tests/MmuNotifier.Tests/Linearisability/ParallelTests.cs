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
    private const int Sections = 6;
    private const int CallPause = 10;
    private const int OpenPause = 30;

    private static readonly Gen<Operation> s_operation = Gen.Frequency(
        (3, Draw.Insert(Notifiers)),
        (4, Draw.Move(Notifiers)),
        (6, Draw.ConditionalMove(Notifiers)),
        (5, Draw.Cut(Notifiers)),
        (6, Draw.Batch(Notifiers)),
        (2, Draw.Remove(Notifiers)),
        (2, Draw.RemoveDeferred(Notifiers)),
        (2, Draw.RangeOf(Notifiers)),
        (2, Draw.Range.Select(range => (Operation)new FindFirstOperation(range))),
        (10, Draw.Range.Select(range => (Operation)new InvalidateOperation(range, OpenPause))),
        (1, Gen.Const(0).Select(_ => (Operation)new EndOperation(0))),
        (5, Draw.Begin(Notifiers, Gen.Const(() => (int?)null))),
        (5, Gen.Int[0, Sections - 1].Select(slot => (Operation)new RetryOperation(slot))));

    /// <summary>Half of the notifiers, a section over all and one over a part of each, and sometimes an invalidation that is active.</summary>
    private static readonly Gen<(EngineSpace Engine, ModelSpace Model)> s_initial = Gen.Select(
        Draw.Range.Array[Notifiers / 2], Draw.OptionalRange, (ranges, active) =>
        {
            var engine = new EngineSpace(Notifiers, CallPause);
            var model = new ModelSpace(Notifiers);
            foreach (Operation operation in Prepare(ranges, active))
            {
                operation.RunOn(engine);
                model.Run(operation);
            }

            // CsCheck draws the initial state again for each order; only one of these engines is the one that the threads work on.
            model.History.Clear();
            return (engine, model);
        });

    [Fact]
    public void There_is_an_order_of_the_operations_that_explains_what_they_observed() => s_initial.SampleParallel(
        [
            s_operation.Operation<EngineSpace, ModelSpace>(
                operation => operation.ToString()!, (engine, operation) => operation.RunOn(engine), (model, operation) => model.Run(operation)),
        ],
        equal: ParallelCheck.Explains,
        maxSequentialOperations: 4,
        maxParallelOperations: 6,
        time: CheckTime.Seconds(8),
        threads: 3,
        writeLine: output.WriteLine);

    private static IEnumerable<Operation> Prepare(AddressRange[] ranges, AddressRange? active)
    {
        for (int i = 0; i < ranges.Length; i++)
        {
            yield return new InsertOperation(i, ranges[i]);
            yield return new BeginOperation(i, null, 2 * i);
            yield return new BeginOperation(i, new AddressRange(ranges[i].Start, ranges[i].Start), (2 * i) + 1);
        }

        if (active is { } range)
            yield return new StartOperation(0, range);
    }
}
