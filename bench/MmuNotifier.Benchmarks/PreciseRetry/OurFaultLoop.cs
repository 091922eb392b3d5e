using MmuNotifier.Benchmarks.Engines;

namespace MmuNotifier.Benchmarks;

/// <summary>The faults with this library's engine, naming the part that is read or not.</summary>
internal sealed class OurFaultLoop : FaultLoop
{
    private readonly AddressSpace _space = new();
    private readonly CountingNotifier _notifier = new();
    private readonly bool _namesPart;

    internal OurFaultLoop(bool namesPart)
    {
        _namesPart = namesPart;
        _space.Insert(_notifier, WholeRange);
    }

    protected override bool TryFault(AddressRange part)
    {
        ReadSection section = _namesPart ? _notifier.ReadBegin(part) : _notifier.ReadBegin();
        Collect();
        lock (DriverLock)
            return section.MustRetry;
    }

    protected override void Invalidate(ulong start, ulong last, long held)
    {
        using (_space.StartInvalidation(new AddressRange(start, last), InvalidationEvent.Clear))
            Ticks.Spin(held);
    }
}
