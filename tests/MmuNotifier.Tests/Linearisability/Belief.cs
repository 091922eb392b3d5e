namespace MmuNotifier.Tests.Linearisability;

/// <summary>
/// The range that an operation believes a notifier to have: one that was drawn, or the one that it has a moment before. The latter is what
/// the operation is given, not what it finds out.
/// </summary>
internal sealed record Belief(AddressRange? Drawn)
{
    public AddressRange Of(EngineNotifier notifier) => Drawn ?? (notifier.Space is null ? default : notifier.Range);

    public override string ToString() => Drawn?.ToString() ?? "its range";
}
