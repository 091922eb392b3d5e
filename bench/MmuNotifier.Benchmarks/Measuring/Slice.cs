namespace MmuNotifier.Benchmarks;

/// <summary>Does some operations, the first at a position of the random order.</summary>
/// <returns>Ticks that they took.</returns>
internal delegate long Slice(int from, int count);
