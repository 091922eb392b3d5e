namespace MmuNotifier.Caching;

/// <summary>A tag in use, at an address of its own, with the entries and loads that have it. It goes when nothing uses it.</summary>
internal sealed class TagNode : IntervalNotifier
{
    private readonly CoherentCache _cache;

    /// <summary>The head of the ring of memberships, oldest first.</summary>
    private readonly TagLink _ring;

    private int _count;

    public TagNode(CoherentCache cache, string name, ulong address, DriverLock tagLock)
    {
        _cache = cache;
        Name = name;
        Address = new AddressRange(address, address);
        Lock = tagLock;
        _ring = new TagLink(this, null, null);
        _ring.Next = _ring;
        _ring.Previous = _ring;
    }

    public string Name { get; }

    public AddressRange Address { get; }

    /// <summary>Shared with other tags; nests inside the locks of keys. Guards the fields and the members' links.</summary>
    public DriverLock Lock { get; }

    /// <summary>Members, scopes, and callers about to add one. Guarded by the lock.</summary>
    public int Uses { get; set; }

    public void Add(TagLink link)
    {
        Lock.AssertHeld();
        link.Next = _ring;
        link.Previous = _ring.Previous;
        _ring.Previous!.Next = link;
        _ring.Previous = link;
        _count++;
    }

    /// <summary>Harmless when called again. The member keeps its use of the tag until it is dropped.</summary>
    public void Remove(TagLink link)
    {
        Lock.AssertHeld();
        if (link.Next is null)
            return;
        link.Previous!.Next = link.Next;
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
                _cache.Collide(entry, isScopeEnd: true);
            return InvalidateResult.Done;
        }

        int count = CountMembers();
        while (count-- > 0 && First() is { } first)
        {
            _cache.Collide(first.Entry!, isScopeEnd: false);
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
            return ReferenceEquals(_ring.Next, _ring) ? null : _ring.Next;
    }

    private List<CacheEntry> Members()
    {
        using (Lock.Hold())
        {
            var members = new List<CacheEntry>(_count);
            for (TagLink link = _ring.Next!; link.Entry is not null; link = link.Next!)
            {
                StepCount.Add();
                members.Add(link.Entry);
            }

            return members;
        }
    }
}
