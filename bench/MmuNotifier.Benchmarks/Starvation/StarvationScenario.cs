using System.Diagnostics;
using MmuNotifier.Benchmarks.Engines;

namespace MmuNotifier.Benchmarks;

/// <summary>
/// A caller that has nothing to do with the two streams beside it: three threads on two cores. Compiled once for each engine.
/// </summary>
internal static class StarvationScenario<TEngine, TScope>
    where TEngine : struct, IEngine<TEngine, TScope>
    where TScope : struct
{
    /// <summary>Places of the two notifiers that the streams invalidate.</summary>
    private const int X1 = 0;
    private const int X2 = 1;

    /// <summary>Place of the notifier that the reader uses, and of the first that is removed or inserted.</summary>
    private const int Y = 2;

    /// <summary>Between two calls, so that they are spread over many of the scheduler's slices.</summary>
    private static readonly long Pause = Ticks.FromMicroseconds(10);

    /// <summary>
    /// Each call is a ReadBegin and its check on Y after an invalidation of Y that has ended: from then on the kernel's reader waits for
    /// every active invalidation, whatever it is of.
    /// </summary>
    internal static TimedCalls Read(MeasuringPlan plan, bool gapless)
    {
        var order = new WorkOrder(3);
        TEngine engine = Create(order, inserted: 3);
        int y = order.PositionOf(Y);
        ulong page = PageOf(Y);
        using var streams = Streams(engine, gapless);
        return Time(plan, (_, giveUp) =>
        {
            engine.End(engine.Start(page, page + (WorkOrder.Page - 1)));
            long before = Stopwatch.GetTimestamp();
            engine.Read(y, giveUp);
            return Stopwatch.GetTimestamp() - before;
        });
    }

    /// <summary>Each call removes a notifier that was inserted before the streams began.</summary>
    internal static TimedCalls Remove(MeasuringPlan plan, bool gapless)
    {
        var order = new WorkOrder(Y + plan.TimedCalls);
        TEngine engine = Create(order, inserted: order.Count);
        using var streams = Streams(engine, gapless);
        return Time(plan, (call, giveUp) =>
        {
            int y = order.PositionOf(Y + call);
            long before = Stopwatch.GetTimestamp();
            engine.Remove(y, giveUp);
            return Stopwatch.GetTimestamp() - before;
        });
    }

    /// <summary>
    /// Each call inserts one; afterwards, with the streams still there, an invalidation of all shows which are in effect.
    /// </summary>
    internal static TimedCalls Insert(MeasuringPlan plan)
    {
        var order = new WorkOrder(Y + plan.TimedCalls);
        TEngine engine = Create(order, inserted: Y);
        using var streams = Streams(engine, gapless: true);
        TimedCalls calls = Time(plan, (call, _) =>
        {
            int y = order.PositionOf(Y + call);
            long before = Stopwatch.GetTimestamp();
            engine.Insert(y);
            return Stopwatch.GetTimestamp() - before;
        });
        engine.End(engine.Start(PageOf(Y), PageOf(order.Count - 1)));
        int withoutEffect = Enumerable.Range(Y, calls.Latency?.Calls ?? 0).Count(place => engine.CallsOf(order.PositionOf(place)) == 0);
        return calls with { WithoutEffect = withoutEffect };
    }

    private static TEngine Create(WorkOrder order, int inserted)
    {
        TEngine engine = TEngine.Create(order);
        for (int place = 0; place < inserted; place++)
            engine.Insert(order.PositionOf(place));
        GC.Collect();
        return engine;
    }

    private static InvalidationStreams<TEngine, TScope> Streams(TEngine engine, bool gapless) =>
        new(engine, gapless, PageOf(X1), PageOf(X2));

    private static TimedCalls Time(MeasuringPlan plan, Func<int, CancellationToken, long> call)
    {
        var ticks = new long[plan.TimedCalls];
        int calls = 0;
        bool gaveUp = false;
        using var watchdog = new Watchdog(plan.Never);
        long start = Stopwatch.GetTimestamp();
        try
        {
            while (calls < ticks.Length && Stopwatch.GetElapsedTime(start) < plan.Longest)
            {
                ticks[calls] = call(calls, watchdog.GiveUp);
                calls++;
                watchdog.Report(calls);
                Ticks.Spin(Pause);
            }
        }
        catch (OperationCanceledException)
        {
            gaveUp = true;
        }

        return new TimedCalls(calls == 0 ? null : Percentiles.Of(ticks.AsSpan(0, calls)), gaveUp, WithoutEffect: 0);
    }

    private static ulong PageOf(int place) => WorkOrder.Base + ((ulong)place * WorkOrder.Stride);
}
