namespace MmuNotifier.Benchmarks.Engines;

/// <summary>A started invalidation of the baseline, which keeps nothing of it but a count.</summary>
internal readonly struct BaselineScope;
