using System.Collections.Concurrent;

namespace MmuNotifier.Registration.Tests;

/// <summary>Makes pins, and does what a test wants while the cache calls it.</summary>
internal class PinProvider : IRegistrationProvider<Pin>
{
    private int _made;

    public ConcurrentQueue<Pin> All { get; } = [];

    public Action<AddressRange>? OnRegister { get; set; }

    public Action<Pin>? OnRelease { get; set; }

    public int Living => All.Count(pin => !pin.IsReleased);

    public Pin Register(AddressRange range)
    {
        Pin pin = Make(range);
        OnRegister?.Invoke(range);
        return pin;
    }

    public void Release(Pin registration, AddressRange range)
    {
        Assert.Equal(registration.Range, range);
        registration.Release();
        OnRelease?.Invoke(registration);
    }

    protected Pin Make(AddressRange range)
    {
        var pin = new Pin(Interlocked.Increment(ref _made), range);
        All.Enqueue(pin);
        return pin;
    }
}
