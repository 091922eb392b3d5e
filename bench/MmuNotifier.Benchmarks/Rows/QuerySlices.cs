using System.Diagnostics;
using System.Runtime.CompilerServices;
using MmuNotifier.Benchmarks.Engines;

namespace MmuNotifier.Benchmarks;

/// <summary>The measured loops over notifiers that stay inserted. Compiled once for each engine.</summary>
internal sealed class QuerySlices<TEngine, TScope>
    where TEngine : struct, IEngine<TEngine, TScope>
    where TScope : struct
{
    internal const int Neighbours = 64;

    private readonly TEngine _engine;
    private readonly WorkOrder _order;

    internal QuerySlices(TEngine engine, WorkOrder order)
    {
        _engine = engine;
        _order = order;
    }

    internal TEngine Engine => _engine;

    internal long HitOne(int from, int count) => Invalidate<InPage>(from, count);

    internal long HitNone(int from, int count) => Invalidate<BehindPage>(from, count);

    internal long HitMany(int from, int count) => Invalidate<ManyPages>(from, count);

    [MethodImpl(MethodImplOptions.NoInlining)]
    internal long Read(int from, int count)
    {
        int retries = 0;
        long before = Stopwatch.GetTimestamp();
        int query = from;
        for (int i = 0; i < count; i++)
        {
            int position = _order.Visit(query);
            if (_engine.Read(position))
                retries++;
            query = Following(query);
        }

        long ticks = Stopwatch.GetTimestamp() - before;
        return retries == 0
            ? ticks
            : throw new InvalidOperationException("A read section had to be retried though nothing was invalidated.");
    }

    /// <summary>Single invalidations are timed; a read section on the notifier to be hit comes before each, untimed.</summary>
    internal long HitOneAfterRead(int from, int count) => InvalidateAfterReads<InPage>(from, count, notifiers: 1);

    /// <summary>Single invalidations are timed; a read section on each notifier to be hit comes before, untimed.</summary>
    internal long HitManyAfterReads(int from, int count) => InvalidateAfterReads<ManyPages>(from, count, Neighbours);

    internal void InsertAll()
    {
        for (int position = 0; position < _order.Count; position++)
            _engine.Insert(position);
    }

    // Compiled once for each place, with its computation in the loop.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private long Invalidate<TPlace>(int from, int count)
        where TPlace : struct, IPlace
    {
        long before = Stopwatch.GetTimestamp();
        int query = from;
        for (int i = 0; i < count; i++)
        {
            ulong first = TPlace.FirstOf(_order, _order.Visit(query));
            _engine.End(_engine.Start(first, TPlace.LastOf(first)));
            query = Following(query);
        }

        return Stopwatch.GetTimestamp() - before;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private long InvalidateAfterReads<TPlace>(int from, int count, int notifiers)
        where TPlace : struct, IPlace
    {
        long ticks = 0;
        int query = from;
        for (int i = 0; i < count; i++)
        {
            ulong first = TPlace.FirstOf(_order, _order.Visit(query));
            int place = (int)((first - WorkOrder.Base) / WorkOrder.Stride);
            for (int neighbour = 0; neighbour < notifiers; neighbour++)
                _engine.Read(_order.PositionOf(place + neighbour));
            long before = Stopwatch.GetTimestamp();
            _engine.End(_engine.Start(first, TPlace.LastOf(first)));
            ticks += Stopwatch.GetTimestamp() - before - Ticks.Overhead;
            query = Following(query);
        }

        return ticks;
    }

    private int Following(int query) => query + 1 == _order.RoundLength ? 0 : query + 1;

    /// <summary>What is invalidated for a position.</summary>
    private interface IPlace
    {
        static abstract ulong FirstOf(WorkOrder order, int position);

        static abstract ulong LastOf(ulong first);
    }

    private readonly struct InPage : IPlace
    {
        public static ulong FirstOf(WorkOrder order, int position) => order.PageIn(position);

        public static ulong LastOf(ulong first) => first + (WorkOrder.Page - 1);
    }

    private readonly struct BehindPage : IPlace
    {
        public static ulong FirstOf(WorkOrder order, int position) => order.PageBehind(position);

        public static ulong LastOf(ulong first) => first + (WorkOrder.Page - 1);
    }

    private readonly struct ManyPages : IPlace
    {
        public static ulong FirstOf(WorkOrder order, int position) =>
            WorkOrder.Base + ((ulong)(uint)(order.PlaceOf(position) % (order.Count - Neighbours + 1)) * WorkOrder.Stride);

        /// <summary>The end of the first page of the last neighbour.</summary>
        public static ulong LastOf(ulong first) => first + ((Neighbours - 1) * WorkOrder.Stride) + (WorkOrder.Page - 1);
    }
}
