using System.Collections.Concurrent;
using MmuNotifier;

var guest = new GuestMemory();
var tlb = new Tlb(guest);
guest.Map(0x10_0000, frame: 7);
Console.WriteLine($"0x100123 is at 0x{tlb.Translate(0x10_0123):x}");
guest.Map(0x10_0000, frame: 9);
Console.WriteLine($"0x100123 is at 0x{tlb.Translate(0x10_0123):x}");

// A second processor of the guest translates, while the first one gives the page one frame after the other.
ulong newest = 9;
int stale = 0;
var processor = Task.Run(() =>
{
    for (ulong known = 9; known < 10_000;)
    {
        known = Volatile.Read(ref newest); // The page has this frame, or a later one.
        if (tlb.Translate(0x10_0000) >> 12 < known)
            stale++;
    }
});
for (ulong frame = 10; frame <= 10_000; frame++)
{
    guest.Map(0x10_0000, frame);
    Volatile.Write(ref newest, frame);
}

await processor;
Console.WriteLine($"{stale} stale translations beside 9991 changes");

/// <summary>The page tables of the guest. Every change is bracketed by an invalidation.</summary>
sealed class GuestMemory
{
    private readonly ConcurrentDictionary<ulong, ulong> _frames = [];

    public AddressSpace Space { get; } = new("guest");

    public void Map(ulong page, ulong frame)
    {
        using (Space.StartInvalidation(AddressRange.FromLength(page, 4096), InvalidationEvent.Unmap)) // No TLB has the page from here on.
            _frames[page] = frame;
    }

    public ulong Walk(ulong page) => _frames.TryGetValue(page, out ulong frame) ? frame : throw new InvalidOperationException("page fault");
}

/// <summary>Translations that were looked up, 256 of them.</summary>
sealed class Tlb : IntervalNotifier
{
    private readonly GuestMemory _guest;
    private readonly Lock _lock = new();
    private readonly (ulong Page, ulong Frame)[] _entries = new (ulong, ulong)[256];

    public Tlb(GuestMemory guest)
    {
        _guest = guest;
        Array.Fill<(ulong, ulong)>(_entries, (ulong.MaxValue, 0));
        guest.Space.Insert(this, AddressRange.Whole);
    }

    public ulong Translate(ulong address)
    {
        ulong page = address & ~0xffful;
        while (true)
        {
            ref (ulong Page, ulong Frame) entry = ref _entries[(page >> 12) % 256];
            lock (_lock)
            {
                if (entry.Page == page)
                    return (entry.Frame << 12) + (address - page);
            }

            ReadSection section = ReadBegin(AddressRange.FromLength(page, 4096)); // Waits if the page is just being changed.
            ulong frame = _guest.Walk(page);
            lock (_lock)
            {
                if (!section.MustRetry) // Else it has changed since: nothing stale is kept, and it is looked up again.
                    entry = (page, frame);
            }
        }
    }

    /// <summary>Called before a change takes effect, on the thread that makes it.</summary>
    protected override InvalidateResult Invalidate(in Invalidation invalidation)
    {
        lock (_lock)
        {
            for (int i = 0; i < _entries.Length; i++)
            {
                if (invalidation.Overlap.Contains(new AddressRange(_entries[i].Page, _entries[i].Page)))
                    _entries[i].Page = ulong.MaxValue;
            }
        }

        return InvalidateResult.Done;
    }
}
