namespace MmuNotifier.Benchmarks.Caches.Sides;

/// <summary>The regions of the hits: 64 KiB every 128 KiB of one mapping, so that nobody joins two.</summary>
internal sealed class Regions
{
    internal const ulong Bytes = 64 << 10;
    internal const ulong Stride = 128 << 10;
    internal const int Most = 100_000;

    internal ulong First { get; } = Memory.Map(0, Most * Stride, Memory.ReadWrite, Memory.NoReserve);

    internal AddressRange this[ulong index] => AddressRange.FromLength(First + (index * Stride), Bytes);
}
