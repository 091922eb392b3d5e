namespace MmuNotifier.Benchmarks.Caches.Sides;

/// <summary>A .NET process that watches nothing.</summary>
internal sealed class BareSide : ISide
{
    private readonly Unmapping _unmapping = new();

    public string Title => "bare";

    public double? Answer(string question, ReadOnlySpan<double> arguments) =>
        question == Question.Unmap ? _unmapping.Measure((int)arguments[0], prepare: null) : null;
}
