namespace MmuNotifier.Registration;

/// <summary>
/// The looks at the hold slots of all threads: (4) of the remarks of <see cref="HoldSlots"/>. Looks are made under the cache's lock, one
/// after the other: a hold that one look sees ends after it, and the thread that ends it makes another look.
/// </summary>
internal sealed class HoldLooks(DriverLock cacheLock, HoldRegistry holds)
{
    /// <summary>Counts the looks. Guarded by the cache's lock.</summary>
    private long _look;

    /// <summary>A retired entry that this does not find held is held by nobody.</summary>
    public void Look()
    {
        Fence.ProcessWide();
        LookWithoutFence();
    }

    /// <summary>May miss a hold: then an entry in use may be retired, and is released when its last lease has ended.</summary>
    public void LookWithoutFence()
    {
        cacheLock.AssertHeld();
        holds.MarkHeld(++_look);
    }

    /// <summary>Whether the last look found the entry held.</summary>
    public bool FoundHeld(EntryNotifier notifier)
    {
        cacheLock.AssertHeld();
        return notifier.HeldAtLook == _look;
    }
}
