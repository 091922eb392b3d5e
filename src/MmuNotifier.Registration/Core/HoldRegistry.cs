using System.Runtime.CompilerServices;

namespace MmuNotifier.Registration;

/// <summary>
/// The hold slots of all threads that ever took a lease of a cache, by <see cref="ThreadIndex"/>. A new thread takes over the number of an
/// ended one, and with it the slots; those that leases of the ended thread still occupy stay theirs.
/// </summary>
internal sealed class HoldRegistry
{
    private readonly EngineLock _growth = new();
    private AtomicReference<AtomicReference<HoldSlots>[]> _byThread;

    public HoldRegistry()
    {
        _byThread.Write([]);
    }

    /// <summary>Those of the calling thread.</summary>
    public HoldSlots Current
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get
        {
            int thread = ThreadIndex.Current;
            AtomicReference<HoldSlots>[] byThread = _byThread.Read()!;
            return (uint)thread < (uint)byThread.Length && byThread[thread].Read() is { } slots ? slots : Add(thread);
        }
    }

    /// <summary>Hits of all threads.</summary>
    public long Hits
    {
        get
        {
            long hits = 0;
            foreach (ref AtomicReference<HoldSlots> slots in _byThread.Read().AsSpan())
                hits += slots.Read() is { } some ? Volatile.Read(ref some.Hits) : 0;
            return hits;
        }
    }

    /// <summary>By <see cref="HoldLooks"/>: notes on each entry that is held that this look found it so.</summary>
    public void MarkHeld(long look)
    {
        foreach (ref AtomicReference<HoldSlots> slots in _byThread.Read().AsSpan())
            slots.Read()?.MarkHeld(look);
    }

    /// <summary>
    /// A thread that looks after a process-wide fence finds the slots of every earlier hold: they are added here before the first is
    /// filled.
    /// </summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private HoldSlots Add(int thread)
    {
        var added = new HoldSlots();
        using (_growth.Hold())
        {
            AtomicReference<HoldSlots>[] byThread = _byThread.Read()!;
            if (thread < byThread.Length)
            {
                byThread[thread].Write(added);
                return added;
            }

            var grown = new AtomicReference<HoldSlots>[Math.Max(thread + 1, byThread.Length * 2)];
            byThread.CopyTo(grown, 0);
            grown[thread].Write(added);
            _byThread.Write(grown);
            return added;
        }
    }
}
