namespace MmuNotifier.Benchmarks;

/// <summary>What one run of the reader gave.</summary>
/// <param name="Alone">Nanoseconds a read section beside a thread that touches only its own memory.</param>
/// <param name="Beside">The same beside the invalidator.</param>
/// <param name="Invalidations">Millions a second that the invalidator made: a reader that starves it is not fast.</param>
internal readonly record struct ReaderBesideTimes(double Alone, double Beside, double Invalidations);
