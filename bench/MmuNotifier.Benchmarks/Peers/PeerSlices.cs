using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace MmuNotifier.Benchmarks;

/// <summary>The measured loops over an index of another package, on the same order of queries as ours.</summary>
internal sealed class PeerSlices(IPeerIndex index, WorkOrder order)
{
    internal long Fill()
    {
        long before = Stopwatch.GetTimestamp();
        for (int position = 0; position < order.Count; position++)
            index.Insert(order.StartOf(position), order.LastOf(position));
        index.Complete();
        return Stopwatch.GetTimestamp() - before;
    }

    internal long HitOne(int from, int count) => Query(from, count, offset: 0, expectedHits: count);

    internal long HitNone(int from, int count) => Query(from, count, WorkOrder.Length, expectedHits: 0);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private long Query(int from, int count, ulong offset, int expectedHits)
    {
        int hits = 0;
        long before = Stopwatch.GetTimestamp();
        int query = from;
        for (int i = 0; i < count; i++)
        {
            ulong page = order.PageIn(order.Visit(query)) + offset;
            hits += index.CountHits(page, page + (WorkOrder.Page - 1));
            query = query + 1 == order.RoundLength ? 0 : query + 1;
        }

        long ticks = Stopwatch.GetTimestamp() - before;
        return hits == expectedHits ? ticks : throw new InvalidOperationException($"{index.Name} found {hits} of {expectedHits}.");
    }
}
