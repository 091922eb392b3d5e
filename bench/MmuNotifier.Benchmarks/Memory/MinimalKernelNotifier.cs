using MmuNotifier.Benchmarks.Baseline;

namespace MmuNotifier.Benchmarks;

/// <summary>The baseline's without a field of its own.</summary>
internal sealed class MinimalKernelNotifier : KernelNotifier
{
    internal override bool Invalidate(ulong start, ulong last, long sequence)
    {
        Sequence = sequence;
        return true;
    }
}
