namespace MmuNotifier.Benchmarks.Cores;

/// <summary>What one run of a tool took.</summary>
/// <param name="Failure">Why there is no core; null if there is one.</param>
/// <param name="Time">From its start to its end.</param>
/// <param name="Bytes">What the core takes on the disk.</param>
/// <param name="PeakBytes">The most memory that the tool had.</param>
internal sealed record CoreRun(string? Failure, TimeSpan Time, long Bytes, long PeakBytes);
