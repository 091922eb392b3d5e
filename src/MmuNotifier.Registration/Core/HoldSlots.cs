using System.Runtime.CompilerServices;

namespace MmuNotifier.Registration;

/// <summary>
/// What one thread holds of a cache, one slot for each lease. Only its own thread fills slots. The thread that ends a lease clears its
/// slot, and a thread that releases entries looks at all slots. So holds write nothing that two threads share, and cost no interlocked
/// operation.
/// </summary>
/// <remarks>
/// Why nothing is released while it is in use, and nothing stays unreleased:
/// <code>
/// get                             retire and release                  put
/// slot: entry          (1)        state: Retired           (3)        (uses)
/// (nothing)                       process-wide fence                  slot: null, release   (5)
/// state: Valid?        (2)        looks at all slots       (4)        (nothing)
///                                                                     state: Valid?         (6)
/// </code>
/// The process-wide fence stands in for a full fence between (1) and (2), and between (5) and (6), on whichever thread is there.
/// A get: if (1) is before the fence, (4) sees the hold. Otherwise (2) is after it and sees Retired, and the get releases the hold as a put
/// does.
/// A put: if (5) is before the fence, (4) finds the slot clear, and sees what the holder did, as (4) acquires what (5) releases. Otherwise
/// (6) is after it, sees Retired, and the put looks itself.
/// Looks are made under the cache's lock, one after the other, so the last of them finds the entry held by nobody.
/// </remarks>
internal sealed class HoldSlots
{
    private const int Capacity = 8;

    /// <summary>Slots at both ends that are not used, so that those of two threads are on different cache lines.</summary>
    private const int Margin = 4;

    private readonly Slot[] _slots = new Slot[Margin + Capacity + Margin];

    /// <summary>For a thread that holds more than there are slots. Written by its thread.</summary>
    private AtomicReference<HoldSlots> _more;

    /// <summary>The last entry that covered a range which began inside of it. A hint; its thread's own.</summary>
    public CacheEntry? LastCovering;

    /// <summary>Hits by this thread. Written by it alone; others read it when they sum up.</summary>
    public long Hits;

#pragma warning disable CS0169, IDE0051 // Keeps the next object off the cache line of the counter.
    private readonly Padding _padding;
#pragma warning restore CS0169, IDE0051

    /// <summary>By its thread: a slot that is free, or -1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int FindFree()
    {
        for (int i = Margin; i < Margin + Capacity; i++)
        {
            if (_slots[i].Entry.Read() is null)
                return i;
        }

        return -1;
    }

    /// <summary>By its thread: another set of slots with a free one.</summary>
    public HoldSlots WithFree(out int index)
    {
        HoldSlots slots = this;
        while (true)
        {
            index = slots.FindFree();
            if (index >= 0)
                return slots;
            HoldSlots? more = slots._more.ReadRelaxed();
            if (more is null)
            {
                more = new HoldSlots();
                slots._more.Write(more);
            }

            slots = more;
        }
    }

    /// <summary>By its thread: (1) of the remarks.</summary>
    /// <returns>What to end the hold with: a hold ends once, however often a copy of its lease is disposed.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Hold(int index, CacheEntry entry)
    {
        ref Slot slot = ref _slots[index];
        slot.Entry.Write(entry);
        return slot.Generation;
    }

    /// <summary>By any thread: (5) of the remarks; the caller continues with (6).</summary>
    /// <returns>False if that hold has ended before.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryClear(int index, int generation)
    {
        ref Slot slot = ref _slots[index];
        if (slot.Generation != generation)
            return false;
        slot.Generation = generation + 1;
        slot.Entry.Write(null); // Gives the slot back to its thread, the generation before it.
        return true;
    }

    /// <summary>By <see cref="HoldLooks"/>: (4) of the remarks.</summary>
    public void MarkHeld(long look)
    {
        for (HoldSlots? slots = this; slots is not null; slots = slots._more.Read())
        {
            for (int i = Margin; i < Margin + Capacity; i++)
            {
                if (slots._slots[i].Entry.Read() is { } entry)
                    entry.Notifier.HeldAtLook = look;
            }
        }
    }

    private struct Slot
    {
        public AtomicReference<CacheEntry> Entry;

        /// <summary>
        /// Holds that have ended here. Written by the thread that ends one, read by the slots' own thread when it finds the slot free.
        /// </summary>
        public int Generation;
    }

    [InlineArray(8)]
    private struct Padding
    {
        private long _first;
    }
}
