namespace MmuNotifier.Registration.DependencyInjection.Tests;

/// <summary>A watch of memory that changes only by reports on its space.</summary>
internal sealed class QuietWatch : IMemoryWatch
{
    public AddressSpace Space { get; } = new();

    public string? Failure { get; set; }

    public ulong Stamp => 1;

    public ulong CatchUp() => 1;

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
