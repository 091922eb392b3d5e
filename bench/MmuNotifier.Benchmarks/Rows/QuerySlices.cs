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

    [MethodImpl(MethodImplOptions.NoInlining)]
    internal long HitOne(int from, int count)
    {
        long before = Stopwatch.GetTimestamp();
        int query = from;
        for (int i = 0; i < count; i++)
        {
            int position = _order.Visit(query);
            ulong page = _order.PageIn(position);
            _engine.End(_engine.Start(page, page + (WorkOrder.Page - 1)));
            query = Following(query);
        }

        return Stopwatch.GetTimestamp() - before;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    internal long HitNone(int from, int count)
    {
        long before = Stopwatch.GetTimestamp();
        int query = from;
        for (int i = 0; i < count; i++)
        {
            int position = _order.Visit(query);
            ulong page = _order.PageBehind(position);
            _engine.End(_engine.Start(page, page + (WorkOrder.Page - 1)));
            query = Following(query);
        }

        return Stopwatch.GetTimestamp() - before;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    internal long HitMany(int from, int count)
    {
        long before = Stopwatch.GetTimestamp();
        int query = from;
        for (int i = 0; i < count; i++)
        {
            int position = _order.Visit(query);
            ulong first = FirstOfMany(position);
            _engine.End(_engine.Start(first, LastOfMany(first)));
            query = Following(query);
        }

        return Stopwatch.GetTimestamp() - before;
    }

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
        return retries == 0 ? ticks : throw new InvalidOperationException("A read section had to be retried though nothing was invalidated.");
    }

    /// <summary>Single invalidations are timed; a read section on the notifier to be hit comes before each, untimed.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    internal long HitOneAfterRead(int from, int count)
    {
        long ticks = 0;
        int query = from;
        for (int i = 0; i < count; i++)
        {
            int position = _order.Visit(query);
            _engine.Read(position);
            ulong page = _order.PageIn(position);
            long before = Stopwatch.GetTimestamp();
            _engine.End(_engine.Start(page, page + (WorkOrder.Page - 1)));
            ticks += Stopwatch.GetTimestamp() - before - Ticks.Overhead;
            query = Following(query);
        }

        return ticks;
    }

    /// <summary>Single invalidations are timed; a read section on each notifier to be hit comes before, untimed.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    internal long HitManyAfterReads(int from, int count)
    {
        long ticks = 0;
        int query = from;
        for (int i = 0; i < count; i++)
        {
            int position = _order.Visit(query);
            ulong first = FirstOfMany(position);
            int place = (int)((first - WorkOrder.Base) / WorkOrder.Stride);
            for (int neighbour = 0; neighbour < Neighbours; neighbour++)
                _engine.Read(_order.PositionOf(place + neighbour));
            long before = Stopwatch.GetTimestamp();
            _engine.End(_engine.Start(first, LastOfMany(first)));
            ticks += Stopwatch.GetTimestamp() - before - Ticks.Overhead;
            query = Following(query);
        }

        return ticks;
    }

    internal void InsertAll()
    {
        for (int position = 0; position < _order.Count; position++)
            _engine.Insert(position);
    }

    private int Following(int query) => query + 1 == _order.RoundLength ? 0 : query + 1;

    private ulong FirstOfMany(int position) =>
        WorkOrder.Base + ((ulong)(uint)(_order.PlaceOf(position) % (_order.Count - Neighbours + 1)) * WorkOrder.Stride);

    /// <summary>The end of the first page of the last neighbour.</summary>
    private static ulong LastOfMany(ulong first) => first + ((Neighbours - 1) * WorkOrder.Stride) + (WorkOrder.Page - 1);
}
