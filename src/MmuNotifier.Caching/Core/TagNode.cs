namespace MmuNotifier.Caching;

/// <summary>A tag in use, at an address of its own, with the entries and loads that have it. It goes when nothing uses it.</summary>
internal sealed class TagNode(CoherentCache cache, string name, ulong address, DriverLock tagLock) : IntervalNotifier
{
    private TagLink? _first;
    private TagLink? _last;
    private int _count;

    public string Name { get; } = name;

    public AddressRange Address => new(address, address);

    /// <summary>Shared with other tags; nests inside the locks of keys. Guards the fields and the members' links.</summary>
    public DriverLock Lock { get; } = tagLock;

    /// <summary>Members, scopes, and callers about to add one. Guarded by the lock.</summary>
    public int Uses { get; set; }

    public void Add(TagLink link)
    {
        Lock.AssertHeld();
        link.IsLinked = true;
        link.Previous = _last;
        if (_last is null)
            _first = link;
        else
            _last.Next = link;
        _last = link;
        _count++;
    }

    /// <summary>Harmless when called again. The member keeps its use of the tag until it is dropped.</summary>
    public void Remove(TagLink link)
    {
        Lock.AssertHeld();
        if (!link.IsLinked)
            return;
        link.IsLinked = false;
        if (link.Previous is null)
            _first = link.Next;
        else
            link.Previous.Next = link.Next;
        if (link.Next is null)
            _last = link.Previous;
        else
            link.Next.Previous = link.Previous;
        link.Next = null;
        link.Previous = null;
        _count--;
    }

    /// <summary>
    /// Every member is meant. One leaves the list when it is dead and not before, so that another invalidation of the tag does not return
    /// while there is a valid one that it has not found. Members that come while this runs began their sections in the invalidation, and
    /// are not kept anyway: so it takes as many from the front as there were.
    /// </summary>
    protected internal override InvalidateResult Invalidate(in Invalidation invalidation)
    {
        if (((CacheChange)invalidation.Owner!).IsScopeEnd)
        {
            foreach (CacheEntry entry in Members())
                cache.Collide(entry, isScopeEnd: true);
            return InvalidateResult.Done;
        }

        int count = CountMembers();
        while (count-- > 0 && First() is { } first)
        {
            cache.Collide(first.Entry, isScopeEnd: false);
            using (Lock.Hold())
                Remove(first);
        }

        return InvalidateResult.Done;
    }

    private int CountMembers()
    {
        using (Lock.Hold())
            return _count;
    }

    private TagLink? First()
    {
        using (Lock.Hold())
            return _first;
    }

    private List<CacheEntry> Members()
    {
        using (Lock.Hold())
        {
            var members = new List<CacheEntry>(_count);
            for (TagLink? link = _first; link is not null; link = link.Next)
                members.Add(link.Entry);
            return members;
        }
    }
}
