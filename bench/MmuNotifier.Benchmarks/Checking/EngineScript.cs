using MmuNotifier.Benchmarks.Engines;

namespace MmuNotifier.Benchmarks;

/// <summary>Random operations of a seed on one engine, and what could be seen of them.</summary>
internal static class EngineScript<TEngine, TScope>
    where TEngine : struct, IEngine<TEngine, TScope>
    where TScope : struct
{
    /// <returns>Who was called by each invalidation, and what the read sections said.</returns>
    internal static List<string> Run(WorkOrder order, int seed, int operations)
    {
        TEngine engine = TEngine.Create(order);
        var random = new Random(seed);
        var state = new bool?[order.Count]; // null = new, true = inserted, false = removed
        var seen = new long[order.Count];
        var log = new List<string>();
        for (int i = 0; i < operations; i++)
        {
            int position = random.Next(order.Count);
            switch (random.Next(4))
            {
                case 0 when state[position] is null:
                    engine.Insert(position);
                    state[position] = true;
                    break;
                case 1 when state[position] is true && random.Next(2) == 0:
                    engine.Remove(position, CancellationToken.None);
                    state[position] = false;
                    break;
                case 2 when state[position] is true:
                    log.Add($"read {position}: {engine.Read(position)}");
                    break;
                default:
                    ulong start = WorkOrder.Base + ((ulong)random.Next(order.Count * 32) * WorkOrder.Page);
                    ulong last = start + (ulong)random.NextInt64(1, (long)WorkOrder.Stride * 8) - 1;
                    engine.End(engine.Start(start, last));
                    log.Add($"invalidate {start:x}-{last:x}: {string.Join(' ', Called(engine, seen))}");
                    break;
            }
        }

        return log;
    }

    private static IEnumerable<int> Called(TEngine engine, long[] seen)
    {
        for (int position = 0; position < seen.Length; position++)
        {
            long calls = engine.CallsOf(position);
            if (calls == seen[position])
                continue;
            seen[position] = calls;
            yield return position;
        }
    }
}
