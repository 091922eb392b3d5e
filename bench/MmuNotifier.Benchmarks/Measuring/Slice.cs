namespace MmuNotifier.Benchmarks;

/// <summary>Does some operations, those of the round of a <see cref="WorkOrder"/> from one on.</summary>
/// <returns>Ticks that they took.</returns>
internal delegate long Slice(int from, int count);
