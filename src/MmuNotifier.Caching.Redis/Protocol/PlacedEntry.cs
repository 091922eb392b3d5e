namespace MmuNotifier.Caching.Redis;

/// <summary>An entry at its place in the log.</summary>
/// <param name="Sequence">Dense: each entry has one more than the one before.</param>
/// <param name="AppendedAt">When it was appended, by the server's clock, in microseconds: for metrics only.</param>
/// <param name="Bytes">The entry.</param>
internal readonly record struct PlacedEntry(long Sequence, long AppendedAt, byte[] Bytes);
