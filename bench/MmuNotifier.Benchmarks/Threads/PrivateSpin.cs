using System.Runtime.CompilerServices;

namespace MmuNotifier.Benchmarks;

/// <summary>A thread that keeps its core as busy as an invalidator would, on memory that nobody else touches.</summary>
internal sealed class PrivateSpin
{
    /// <summary>Far from its own ends, so that the counter shares a cache line with nothing.</summary>
    private readonly long[] _memory = new long[64];

    [MethodImpl(MethodImplOptions.NoInlining)]
    internal long Slice()
    {
        ref long counter = ref _memory[32];
        for (int i = 0; i < 4096; i++)
            Volatile.Write(ref counter, counter + 1);
        return 4096;
    }
}
