using MmuNotifier.Benchmarks.Baseline;

namespace MmuNotifier.Benchmarks.Engines;

/// <summary>The baseline's, with the least callback: it stores the sequence, as it must there, and counts.</summary>
internal sealed class CountingKernelNotifier : KernelNotifier
{
    internal long Calls;

    internal override bool Invalidate(ulong start, ulong last, long sequence)
    {
        Sequence = sequence;
        Calls++;
        return true;
    }
}
