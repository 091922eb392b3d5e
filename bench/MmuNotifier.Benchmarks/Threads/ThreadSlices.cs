using System.Runtime.CompilerServices;
using MmuNotifier.Benchmarks.Engines;

namespace MmuNotifier.Benchmarks;

/// <summary>What each thread of the rows with several threads repeats. Compiled once for each engine.</summary>
internal sealed class ThreadSlices<TEngine, TScope>
    where TEngine : struct, IEngine<TEngine, TScope>
    where TScope : struct
{
    private const int Length = 512;

    private readonly TEngine _engine;
    private readonly WorkOrder _order;

    internal ThreadSlices(WorkOrder order)
    {
        _engine = TEngine.Create(order);
        _order = order;
        for (int position = 0; position < order.Count; position++)
            _engine.Insert(position);
    }

    /// <summary>Invalidates random pages of the lower or upper half of the notifiers.</summary>
    internal Func<long> InvalidateHalf(bool upper)
    {
        int query = 0;
        ulong offset = upper ? (ulong)(_order.Count / 2) * WorkOrder.Stride : 0;
        return () =>
        {
            if (query + Length > _order.RoundLength)
                query = 0;
            InvalidateHalf(query, offset);
            query += Length;
            return Length;
        };
    }

    /// <summary>Invalidates a page of one notifier, back to back.</summary>
    internal Func<long> InvalidateOne(int place)
    {
        ulong page = WorkOrder.Base + ((ulong)place * WorkOrder.Stride);
        return () => InvalidatePage(page);
    }

    internal Func<long> ReadOne(int place)
    {
        int position = _order.PositionOf(place);
        return () => ReadPosition(position);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void InvalidateHalf(int from, ulong offset)
    {
        for (int query = from; query < from + Length; query++)
        {
            // Half of the place: all of it lies in the lower half of the notifiers, the offset lifts it into the upper.
            ulong place = (ulong)(uint)_order.PlaceOf(_order.Visit(query)) / 2;
            ulong page = WorkOrder.Base + (place * WorkOrder.Stride) + offset;
            _engine.End(_engine.Start(page, page + (WorkOrder.Page - 1)));
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private long InvalidatePage(ulong page)
    {
        for (int i = 0; i < Length; i++)
            _engine.End(_engine.Start(page, page + (WorkOrder.Page - 1)));
        return Length;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private long ReadPosition(int position)
    {
        for (int i = 0; i < Length * 8; i++)
            _engine.Read(position);
        return Length * 8;
    }
}
