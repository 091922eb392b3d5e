namespace MmuNotifier.Benchmarks;

/// <summary>Single calls of one scenario, timed one by one.</summary>
/// <param name="Latency">Of the calls that came back; null if none did.</param>
/// <param name="GaveUp">Whether a call did not come back in time, and no further one was made.</param>
/// <param name="WithoutEffect">How many insertions had no effect yet when all had been made.</param>
internal sealed record TimedCalls(Percentiles? Latency, bool GaveUp, int WithoutEffect);
