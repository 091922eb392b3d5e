namespace MmuNotifier.Registration;

/// <summary>
/// What was taken out of the cache and is not released yet. An entry that a hole retired is split first; a retired entry is due when nobody
/// holds it; a thread takes it from here, and releases it under no lock.
/// </summary>
/// <remarks>
/// <code>
/// Add (a hole) → to split → TakeToSplit → splitting → EndSplit → retired
/// Add (any other) → retired → held by nobody → due → Take… → releasing → EndRelease
/// </code>
/// The cache's lock guards all fields; every member asserts that the caller holds it.
/// </remarks>
internal sealed class ReleaseQueue<TRegistration>(DriverLock cacheLock, HoldLooks looks)
{
    /// <summary>Retired by a hole, and to be split first.</summary>
    private readonly EntryList<TRegistration> _toSplit = new();

    /// <summary>Retired, and held when they were last looked at, or not looked at yet.</summary>
    private readonly EntryList<TRegistration> _retired = new();

    /// <summary>Held by nobody, and not released yet.</summary>
    private readonly EntryList<TRegistration> _due = new();

    /// <summary>How many entries threads have taken to split, and not put back into <see cref="_retired"/> yet.</summary>
    private int _splitting;

    /// <summary>How many entries threads have taken, and not released yet.</summary>
    private int _releasing;

    /// <summary>What was retired last: <see cref="TakeRetiredAfter"/> takes what comes after it.</summary>
    public EntryNotifier<TRegistration>? LastRetired
    {
        get
        {
            cacheLock.AssertHeld();
            return _retired.First;
        }
    }

    public bool HasToSplit
    {
        get
        {
            cacheLock.AssertHeld();
            return _toSplit.First is not null;
        }
    }

    /// <summary>Whether a thread has taken an entry and not released it yet.</summary>
    public bool IsReleasing
    {
        get
        {
            cacheLock.AssertHeld();
            return _releasing > 0;
        }
    }

    /// <summary>Whether there is, or will be, something that perhaps only the cache's thread will release.</summary>
    public bool HasWork
    {
        get
        {
            cacheLock.AssertHeld();
            return _retired.First is not null || _due.First is not null || _toSplit.First is not null || _splitting > 0;
        }
    }

    /// <summary>An entry that was just retired. Allocates nothing: this may be inside an invalidation.</summary>
    public void Add(EntryNotifier<TRegistration> notifier)
    {
        cacheLock.AssertHeld();
        (notifier.Split == SplitPhase.Due ? _toSplit : _retired).Add(notifier);
    }

    /// <summary>An entry whose only lease has ended, and which was never kept.</summary>
    public void AddDue(EntryNotifier<TRegistration> notifier)
    {
        cacheLock.AssertHeld();
        _due.Add(notifier);
    }

    /// <summary>Takes one to split; null if there is none.</summary>
    public EntryNotifier<TRegistration>? TakeToSplit()
    {
        cacheLock.AssertHeld();
        return _toSplit.First is { } first ? TakeToSplit(first) : null;
    }

    /// <summary>Takes this one, whose split is due.</summary>
    public EntryNotifier<TRegistration> TakeToSplit(EntryNotifier<TRegistration> notifier)
    {
        cacheLock.AssertHeld();
        _toSplit.Remove(notifier);
        _splitting++;
        notifier.Split = SplitPhase.Running;
        return notifier;
    }

    /// <summary>Ends the split: from now on the entry is released like any other.</summary>
    public void EndSplit(EntryNotifier<TRegistration> notifier)
    {
        cacheLock.AssertHeld();
        _splitting--;
        notifier.Split = SplitPhase.None;
        _retired.Add(notifier);
    }

    /// <summary>Takes one that is due; null if every retired entry is held: the thread that ends the last hold looks again.</summary>
    public EntryNotifier<TRegistration>? TakeDue()
    {
        cacheLock.AssertHeld();
        if (_due.First is null)
            FindDue(previous: null);
        EntryNotifier<TRegistration>? due = _due.TakeFirst();
        _releasing += due is null ? 0 : 1;
        return due;
    }

    /// <summary>Takes those that were retired after another one and are held by nobody; null if there are none.</summary>
    /// <param name="previous">What <see cref="LastRetired"/> was, in the same hold of the lock.</param>
    public List<EntryNotifier<TRegistration>>? TakeRetiredAfter(EntryNotifier<TRegistration>? previous)
    {
        cacheLock.AssertHeld();
        int count = FindDue(previous);
        if (count == 0)
            return null;
        List<EntryNotifier<TRegistration>> taken = new(count);
        for (; count > 0; count--)
            taken.Add(_due.TakeFirst()!);
        _releasing += taken.Count;
        return taken;
    }

    /// <summary>Takes this one, if it is retired, not to be split, and held by nobody.</summary>
    public bool TryTake(EntryNotifier<TRegistration> notifier)
    {
        cacheLock.AssertHeld();
        if (notifier.Entry.State.ReadRelaxed() != EntryState.Retired)
            return false;
        looks.Look();
        if (!IsUnheld(notifier))
            return false;
        _retired.Remove(notifier);
        notifier.Entry.State.Write(EntryState.Released);
        _releasing++;
        return true;
    }

    /// <summary>The provider has released one that was taken.</summary>
    public void EndRelease()
    {
        cacheLock.AssertHeld();
        _releasing--;
    }

    /// <summary>Makes those due that were retired after another one and are held by nobody.</summary>
    /// <param name="previous">Null for all that are retired.</param>
    /// <returns>How many are now first in the list of the due.</returns>
    private int FindDue(EntryNotifier<TRegistration>? previous)
    {
        int found = 0;
        EntryNotifier<TRegistration>? next = _retired.First;
        if (ReferenceEquals(next, previous))
            return 0;
        looks.Look();
        while (next is { } notifier && !ReferenceEquals(notifier, previous))
        {
            next = notifier.Next;
            if (!IsUnheld(notifier))
                continue;
            _retired.Remove(notifier);
            notifier.Entry.State.Write(EntryState.Released);
            _due.Add(notifier);
            found++;
        }

        return found;
    }

    /// <summary>Means something only after a look.</summary>
    private bool IsUnheld(EntryNotifier<TRegistration> notifier) => notifier.Split == SplitPhase.None && !looks.FoundHeld(notifier);
}
