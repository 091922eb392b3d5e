namespace MmuNotifier.Linux;

/// <summary>
/// Removals of pages that may not be over: the event comes before the pages go, the caller resumes once the event is read, and no event
/// says when the pages have gone (docs/linux-facts.md, fact 3). Guarded by its owner. Allocates nothing once it is made: the native fault
/// handler, into which it is compiled too, must never wait for a garbage collection.
/// </summary>
/// <remarks>
/// Its owner asks the kernel whether a caller still waits, and what is left of the pages; this keeps the times. The owner reads
/// <see cref="Newest"/>, asks the kernel, and then calls <see cref="MarkResumed"/> with that number: the kernel's answer says nothing about
/// the caller of an event that is read in between.
/// </remarks>
internal sealed class RemovalTracker<TState>(RemovalLimits limits, TimeProvider time)
{
    private readonly Removal<TState>[] _removals = new Removal<TState>[limits.Capacity];

    /// <summary>How many there are. The oldest is the first.</summary>
    internal int Count { get; private set; }

    /// <summary>The number of the last that was added; 0 if none ever was.</summary>
    internal long Newest { get; private set; }

    /// <summary>Whether the next one that is added takes in all others.</summary>
    internal bool IsFull => Count == _removals.Length;

    internal ref readonly Removal<TState> this[int index] => ref _removals.AsSpan(0, Count)[index];

    /// <summary>
    /// The event of a removal was read; its caller may be waiting yet. Where there is no room, all become one as young as it, with its
    /// state.
    /// </summary>
    internal void Add(AddressRange range, TState state)
    {
        if (IsFull)
        {
            foreach (ref readonly Removal<TState> removal in _removals.AsSpan(0, Count))
                range = range.Hull(removal.Range);
            Clear();
        }

        _removals[Count++] = new Removal<TState>(range, ++Newest, time.GetTimestamp(), null, state);
    }

    /// <summary>No caller waited at a moment after <see cref="Newest"/> was asked: the callers up to that one have resumed.</summary>
    internal void MarkResumed(long newest)
    {
        for (int i = 0; i < Count; i++)
        {
            if (_removals[i].Number <= newest)
                MarkResumedAt(i);
        }
    }

    /// <summary>The caller of this one does not wait any more. The first such moment counts.</summary>
    internal void MarkResumedAt(int index)
    {
        if (this[index].ResumedAt is null)
            _removals[index] = _removals[index] with { ResumedAt = time.GetTimestamp() };
    }

    /// <summary>A caller waits, nobody knows of which one: none of them counts as resumed.</summary>
    internal void MarkBlocked()
    {
        for (int i = 0; i < Count; i++)
            _removals[i] = _removals[i] with { ResumedAt = null };
    }

    /// <summary>Whether its caller resumed so long ago that the pages have gone.</summary>
    internal bool IsOver(int index) => this[index].ResumedAt is { } resumed && IsLongerThan(limits.AfterResume, resumed);

    /// <summary>Whether it is waited for no longer, over or not.</summary>
    internal bool IsOverdue(int index) => IsLongerThan(limits.Most, this[index].NotedAt);

    /// <summary>Whether one that is not over overlaps the range.</summary>
    internal bool Overlaps(AddressRange range)
    {
        for (int i = 0; i < Count; i++)
        {
            if (_removals[i].Range.Overlaps(range) && !IsOver(i))
                return true;
        }

        return false;
    }

    internal void RemoveAt(int index)
    {
        _removals.AsSpan(0, Count)[(index + 1)..].CopyTo(_removals.AsSpan(index));
        _removals[--Count] = default;
    }

    /// <summary>Removes those that lie within the range, over or not.</summary>
    internal void RemoveWithin(AddressRange range)
    {
        for (int i = Count - 1; i >= 0; i--)
        {
            if (range.Contains(_removals[i].Range))
                RemoveAt(i);
        }
    }

    internal void RemoveOver()
    {
        for (int i = Count - 1; i >= 0; i--)
        {
            if (IsOver(i))
                RemoveAt(i);
        }
    }

    internal void Clear()
    {
        _removals.AsSpan(0, Count).Clear();
        Count = 0;
    }

    private bool IsLongerThan(TimeSpan limit, long since) => time.GetElapsedTime(since) > limit;
}
