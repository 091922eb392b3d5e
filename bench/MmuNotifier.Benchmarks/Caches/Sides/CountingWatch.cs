namespace MmuNotifier.Benchmarks.Caches.Sides;

/// <summary>A watch that counts how often it is asked what has changed.</summary>
internal sealed class CountingWatch(IMemoryWatch watch) : IMemoryWatch
{
    private long _catchUps;

    internal long CatchUps => Volatile.Read(ref _catchUps);

    public AddressSpace Space => watch.Space;

    public string? Failure => watch.Failure;

    public ulong Stamp => watch.Stamp;

    public ulong CatchUp()
    {
        Interlocked.Increment(ref _catchUps);
        return watch.CatchUp();
    }

    public bool TryWatch(AddressRange range) => watch.TryWatch(range);

    public void Unwatch(AddressRange range) => watch.Unwatch(range);

    public bool IsChanging(AddressRange range) => watch.IsChanging(range);

    public void Arm(AddressRange range) => watch.Arm(range);

    public bool IsIntact(AddressRange range) => watch.IsIntact(range);

    /// <summary>The watch inside stays.</summary>
    public void Dispose()
    {
    }
}
