namespace MmuNotifier.Processes.Mirroring;

/// <summary>The result of a comparison, in pages.</summary>
internal struct Comparison
{
    internal long Compared;
    internal long Differing;
}
