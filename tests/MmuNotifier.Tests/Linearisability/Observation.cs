namespace MmuNotifier.Tests.Linearisability;

/// <summary>What an operation on the engine came to: its result, and the callbacks made or the notifiers found, in order.</summary>
internal sealed record Observation(string Result, IReadOnlyList<Call> Calls)
{
    public Observation(string result)
        : this(result, [])
    {
    }

    public override string ToString() => $"{Result} {string.Join(' ', Calls)}";
}
