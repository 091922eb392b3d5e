using System.Collections.Concurrent;

namespace MmuNotifier.Registration.Tests;

/// <summary>
/// A watch of which a test says everything: changes are announced (the stamp moves) and reported when somebody catches up. On the space of
/// a simulated memory, which reports its changes itself, inside the calls that make them.
/// </summary>
internal sealed class TestWatch(AddressSpace space) : IMemoryWatch
{
    private readonly ConcurrentQueue<(AddressRange Range, InvalidationEvent Event)> _announced = [];
    private readonly Lock _reporting = new();
    private ulong _stamp = 1;
    private int _watched;

    public TestWatch()
        : this(new AddressSpace())
    {
    }

    public AddressSpace Space { get; } = space;

    public string? Failure { get; set; }

    public ulong Stamp => SaysUnchanged ? Volatile.Read(ref _stamp) : Interlocked.Increment(ref _stamp);

    /// <summary>False: it cannot say cheaply that nothing has changed, and its stamp changes with each look.</summary>
    public bool SaysUnchanged { get; set; } = true;

    /// <summary>Watch less Unwatch.</summary>
    public int Watched => Volatile.Read(ref _watched);

    public Func<AddressRange, bool> Covers { get; set; } = _ => true;

    public Func<AddressRange, bool> Changes { get; set; } = _ => false;

    public Func<AddressRange, bool> Intact { get; set; } = _ => true;

    public Func<AddressRange, bool> Mapped { get; set; } = _ => true;

    public int Armed { get; private set; }

    /// <summary>A change that has returned, and is not reported yet.</summary>
    public void Announce(AddressRange range, InvalidationEvent invalidationEvent = InvalidationEvent.Unmap)
    {
        _announced.Enqueue((range, invalidationEvent));
        Interlocked.Increment(ref _stamp);
    }

    public ulong CatchUp()
    {
        lock (_reporting)
        {
            ulong stamp = Stamp;
            while (_announced.TryDequeue(out (AddressRange Range, InvalidationEvent Event) change))
                Report(change.Range, change.Event);
            return stamp;
        }
    }

    /// <summary>A change that is reported inside the call that makes it.</summary>
    public void Report(AddressRange range, InvalidationEvent invalidationEvent = InvalidationEvent.Unmap) =>
        Space.Invalidate(range, invalidationEvent);

    public bool TryWatch(AddressRange range)
    {
        bool isCovered = Covers(range);
        if (isCovered)
            Interlocked.Increment(ref _watched);
        return isCovered;
    }

    public void Unwatch(AddressRange range) => Assert.True(Interlocked.Decrement(ref _watched) >= 0);

    public bool IsMapped(AddressRange range) => Mapped(range);

    public bool IsChanging(AddressRange range) => Changes(range);

    public void Arm(AddressRange range) => Armed++;

    public bool IsIntact(AddressRange range) => Intact(range);

    public void Dispose()
    {
    }
}
