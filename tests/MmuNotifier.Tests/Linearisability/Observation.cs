namespace MmuNotifier.Tests.Linearisability;

/// <summary>What an operation on the engine came to: its result, and the callbacks that it made or the notifiers that it found, in order.</summary>
internal sealed record Observation(string Result, IReadOnlyList<Call> Calls)
{
    public Observation(string result)
        : this(result, [])
    {
    }

    public override string ToString() => $"{Result} {string.Join(' ', Calls)}";
}
