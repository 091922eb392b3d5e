namespace MmuNotifier.Benchmarks.Caches.Sides;

/// <summary>A .NET process with a raw userfaultfd: what the event itself costs.</summary>
internal sealed class FloorSide : ISide
{
    private readonly Unmapping _unmapping = new();
    private readonly RawUserfaultfd _userfaultfd = new();

    public string Title => "the event alone";

    public double? Answer(string question, ReadOnlySpan<double> arguments) =>
        question == Question.UnmapWatched ? _unmapping.Measure((int)arguments[0], _userfaultfd.Register) : null;
}
