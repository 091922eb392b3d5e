using MmuNotifier.Benchmarks.Baseline;
using MmuNotifier.Benchmarks.Engines;

namespace MmuNotifier.Benchmarks;

/// <summary>The faults with the kernel's algorithm, whose sections are over the whole notifier.</summary>
internal sealed class BaselineFaultLoop : FaultLoop
{
    private readonly KernelSubscriptions _subscriptions = new();
    private readonly CountingKernelNotifier _notifier = new();

    internal BaselineFaultLoop()
    {
        _subscriptions.Insert(_notifier, WholeRange.Start, WholeRange.Last);
    }

    protected override bool TryFault(AddressRange part)
    {
        long sequence = _subscriptions.ReadBegin(_notifier, CancellationToken.None);
        Collect();
        lock (DriverLock)
            return KernelSubscriptions.ReadRetry(_notifier, sequence);
    }

    protected override void Invalidate(ulong start, ulong last, long held)
    {
        _subscriptions.Start(start, last);
        Ticks.Spin(held);
        _subscriptions.End();
    }
}
