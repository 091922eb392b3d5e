namespace MmuNotifier.Exploration.Tests;

/// <summary>Shared words for inline scenarios: lambdas cannot capture structs by reference.</summary>
internal sealed class Words
{
    public AtomicInt64 X;
    public AtomicInt64 Y;
    public AtomicInt64 Z;
    public AtomicReference<string> Reference;

    public long[] Results { get; } = new long[4];
}
