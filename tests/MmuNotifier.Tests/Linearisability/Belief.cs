namespace MmuNotifier.Tests.Linearisability;

/// <summary>
/// The range that an operation believes a notifier to have: one that was drawn, or the one that it has a moment before. The latter is what
/// the operation is given, not what it finds out, so the model takes it from here.
/// </summary>
internal sealed class Belief(AddressRange? drawn)
{
    public AddressRange Range { get; private set; } = drawn ?? default;

    public void Form(EngineNotifier notifier)
    {
        if (drawn is null && notifier.Space is not null)
            Range = notifier.Range;
    }

    public override string ToString() => drawn?.ToString() ?? "its range";
}
