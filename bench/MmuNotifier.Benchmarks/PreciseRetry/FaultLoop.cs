using System.Diagnostics;

namespace MmuNotifier.Benchmarks;

/// <summary>
/// A device that faults in random parts of the lower half of one notifier of 1 GiB, beside a thread that invalidates random 64 KiB of
/// the upper half, one every 10 to 30 µs, held for 2 µs. No invalidation concerns a part that is read: every retry and every wait is
/// needless.
/// </summary>
internal abstract class FaultLoop
{
    protected const ulong Length = 1UL << 30;
    protected const ulong Half = Length / 2;

    private const int Seed = 14;
    private const ulong InvalidatedLength = 64 * 1024;
    private const ulong LeastPart = 4096;

    /// <summary>2 MiB is the least part doubled nine times.</summary>
    private const int MostDoublings = 9;

    private static readonly long ShortestPeriod = Ticks.FromMicroseconds(10);
    private static readonly long LongestPeriod = Ticks.FromMicroseconds(30);
    private static readonly long Held = Ticks.FromMicroseconds(2);
    private static readonly long Collecting = Ticks.FromMicroseconds(10);

    private volatile bool _stopped;

    protected static AddressRange WholeRange => new(WorkOrder.Base, WorkOrder.Base + (Length - 1));

    protected object DriverLock { get; } = new();

    internal FaultLoopResult Run(int faults)
    {
        FaultLoopResult result = default;
        var faulter = new Thread(() => result = FaultAll(faults)) { IsBackground = true };
        var invalidator = new Thread(Invalidate) { IsBackground = true };
        invalidator.Start();
        faulter.Start();
        faulter.Join();
        _stopped = true;
        invalidator.Join();
        return result;
    }

    /// <summary>Begins a section, calls <see cref="Collect"/>, and checks it under the driver lock.</summary>
    /// <returns>Whether it must be repeated.</returns>
    protected abstract bool TryFault(AddressRange part);

    protected abstract void Invalidate(ulong start, ulong last, long held);

    protected static void Collect() => Ticks.Spin(Collecting);

    private FaultLoopResult FaultAll(int faults)
    {
        CoreAffinity.Pin(0);
        var random = new Random(Seed);
        long retries = 0;
        long start = Stopwatch.GetTimestamp();
        for (int i = 0; i < faults; i++)
            retries += Fault(RandomPart(random));
        return new FaultLoopResult(retries * 1000.0 / faults, Stopwatch.GetElapsedTime(start).TotalMicroseconds / faults);
    }

    private long Fault(AddressRange part)
    {
        long retries = 0;
        while (TryFault(part))
            retries++;
        return retries;
    }

    private static AddressRange RandomPart(Random random)
    {
        ulong length = LeastPart << random.Next(MostDoublings + 1);
        return AddressRange.FromLength(WorkOrder.Base + ((ulong)random.NextInt64((long)(Half / length)) * length), length);
    }

    private void Invalidate()
    {
        CoreAffinity.Pin(1);
        var random = new Random(Seed);
        while (!_stopped)
        {
            ulong start = WorkOrder.Base + Half + ((ulong)random.NextInt64((long)(Half / InvalidatedLength)) * InvalidatedLength);
            Invalidate(start, start + (InvalidatedLength - 1), Held);

            // Not evenly: a fault loop that waits for the end of one would fall into step with the next.
            Ticks.Spin(random.NextInt64(ShortestPeriod, LongestPeriod) - Held);
        }
    }
}
