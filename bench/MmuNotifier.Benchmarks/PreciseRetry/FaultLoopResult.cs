namespace MmuNotifier.Benchmarks;

/// <summary>What faults beside foreign invalidations cost.</summary>
internal readonly record struct FaultLoopResult(double RetriesPerThousand, double MicrosecondsEach);
