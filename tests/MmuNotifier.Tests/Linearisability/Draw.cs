using CsCheck;

namespace MmuNotifier.Tests.Linearisability;

/// <summary>What operations are drawn from: few addresses, so that they meet, at both ends of the space.</summary>
internal static class Draw
{
    private const int Addresses = 16;

    private static readonly Gen<AddressRange?> s_none = Gen.Const(() => (AddressRange?)null);

    public static Gen<AddressRange> Range { get; } = Gen.Select(Gen.Int[0, Addresses - 1], Gen.Int[0, Addresses - 1])
        .Select((a, b) => new AddressRange(Address(Math.Min(a, b)), Address(Math.Max(a, b))));

    public static Gen<AddressRange?> OptionalRange { get; } =
        Gen.Frequency((1, s_none), (1, Range.Select(range => (AddressRange?)range)));

    public static Gen<Belief> Belief { get; } =
        Gen.Frequency((3, s_none), (1, Range.Select(range => (AddressRange?)range))).Select(drawn => new Belief(drawn));

    public static Gen<Operation> Insert(int notifiers) =>
        Gen.Select(Gen.Int[0, notifiers - 1], Range, (notifier, range) => (Operation)new InsertOperation(notifier, range));

    public static Gen<Operation> Move(int notifiers) =>
        Gen.Select(Gen.Int[0, notifiers - 1], Range, (notifier, range) => (Operation)new MoveOperation(notifier, null, range));

    public static Gen<Operation> ConditionalMove(int notifiers) => Gen.Select(
        Gen.Int[0, notifiers - 1], Belief, Range, (notifier, belief, range) => (Operation)new MoveOperation(notifier, belief, range));

    public static Gen<Operation> Cut(int notifiers) => Gen.Select(
        Gen.Int[0, notifiers - 1], Range, Gen.Int[0, notifiers - 1], (notifier, hole, right) =>
            (Operation)new CutOperation(notifier, hole, right));

    public static Gen<Operation> Batch(int notifiers) => BatchOf(Step(Gen.Enum<BatchEditKind>(), Gen.Int[0, notifiers - 1]));

    /// <summary>A batch that is likely to be applied when the notifiers below a number are inserted and the others are not.</summary>
    public static Gen<Operation> FittingBatch(int inserted, int notifiers) => BatchOf(Gen.OneOf(
        Step(Gen.Bool.Select(isMove => isMove ? BatchEditKind.Move : BatchEditKind.Remove), Gen.Int[0, inserted - 1]),
        Step(Gen.Const(BatchEditKind.Insert), Gen.Int[inserted, notifiers - 1])));

    /// <summary>One notifier for another, somewhere near: a notifier that takes over bytes inherits the calls that are due.</summary>
    public static Gen<Operation> Replacement(int inserted, int notifiers) => Gen.Select(
        Gen.Int[0, inserted - 1], Gen.Int[inserted, notifiers - 1], Range, (former, heir, range) => (Operation)new BatchOperation(
        [
            new BatchStep(BatchEditKind.Remove, former, new Belief(null), default),
            new BatchStep(BatchEditKind.Insert, heir, new Belief(null), range),
        ]));

    public static Gen<Operation> Remove(int notifiers) =>
        Gen.Int[0, notifiers - 1].Select(notifier => (Operation)new RemoveOperation(notifier));

    public static Gen<Operation> RemoveDeferred(int notifiers) =>
        Gen.Int[0, notifiers - 1].Select(notifier => (Operation)new RemoveDeferredOperation(notifier));

    public static Gen<Operation> RangeOf(int notifiers) =>
        Gen.Int[0, notifiers - 1].Select(notifier => (Operation)new RangeOperation(notifier));

    public static Gen<Operation> Begin(int notifiers, Gen<int?> slot) => Gen.Select(
        Gen.Int[0, notifiers - 1], OptionalRange, slot, (notifier, part, number) => (Operation)new BeginOperation(notifier, part, number));

    /// <summary>Up to three edits; a batch edits each notifier once.</summary>
    private static Gen<Operation> BatchOf(Gen<BatchStep> step) =>
        step.Array[1, 3].Select(steps => (Operation)new BatchOperation([.. steps.DistinctBy(each => each.Notifier)]));

    private static Gen<BatchStep> Step(Gen<BatchEditKind> kind, Gen<int> notifier) =>
        Gen.Select(kind, notifier, Belief, Range, (kindDrawn, number, belief, range) => new BatchStep(kindDrawn, number, belief, range));

    /// <summary>The lower half of the addresses is at the start of the space, the upper half at its end.</summary>
    private static ulong Address(int number) => number < Addresses / 2 ? (ulong)number : ulong.MaxValue - (ulong)(Addresses - 1 - number);
}
