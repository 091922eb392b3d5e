namespace MmuNotifier.Registration.Tests;

/// <summary>A registration that knows what it is of and whether it was released.</summary>
internal sealed class Pin(int number, AddressRange range)
{
    private int _releases;

    public int Number { get; } = number;

    public AddressRange Range { get; } = range;

    public bool IsReleased => Volatile.Read(ref _releases) > 0;

    public void Release() => Assert.Equal(1, Interlocked.Increment(ref _releases));
}
