namespace MmuNotifier.Tool.Churn;

/// <summary>
/// For <c>--bare</c>, the usual mistake: a buffer is registered once for each range, and nothing notices that the memory changes.
/// </summary>
internal sealed class DeafWatch : IMemoryWatch
{
    public AddressSpace Space { get; } = new();

    public string? Failure => null;

    public ulong Stamp => 0;

    public ulong CatchUp() => 0;

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
