namespace MmuNotifier.Exploration.Scenarios.Registration;

/// <summary>
/// A watch in the model: a change announces itself (the stamp moves) before its call returns, and is reported by the first thread that
/// catches up.
/// </summary>
internal sealed class ModelWatch(AddressSpace space) : IMemoryWatch
{
    private readonly EngineLock _lock = new();
    private readonly Queue<AddressRange> _announced = new();
    private AtomicInt64 _stamp;

    public AddressSpace Space { get; } = space;

    public string? Failure => null;

    public ulong Stamp => (ulong)_stamp.Read();

    public void Announce(AddressRange range)
    {
        using (_lock.Hold())
        {
            _announced.Enqueue(range);
            _stamp.Write(_stamp.ReadRelaxed() + 1);
        }
    }

    public ulong CatchUp()
    {
        using (_lock.Hold())
        {
            while (_announced.TryDequeue(out AddressRange range))
                Space.Invalidate(range, InvalidationEvent.Unmap);
            return Stamp;
        }
    }

    public bool TryWatch(AddressRange range) => true;

    public void Unwatch(AddressRange range)
    {
    }

    public bool IsChanging(AddressRange range) => false;

    public void Arm(AddressRange range)
    {
    }

    public bool IsIntact(AddressRange range) => true;

    public void Dispose()
    {
    }
}
