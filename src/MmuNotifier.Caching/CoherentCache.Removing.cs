namespace MmuNotifier.Caching;

/// <content>Invalidations: at once, and with a scope.</content>
public sealed partial class CoherentCache
{
    /// <summary>
    /// Removes the value of a key. When it returns, no lookup gets that value any more, and none that begins from then on gets a value
    /// whose load began before this call. Change the source first.
    /// </summary>
    /// <param name="key">Of any length, compared by code units.</param>
    /// <remarks>Cost: logarithmic in the names in use.</remarks>
    /// <exception cref="ObjectDisposedException">The cache is disposed.</exception>
    public void Remove(string key) => Invalidate(CacheName.Key(key));

    /// <summary>As <see cref="Remove"/>, of all values with the tag.</summary>
    /// <param name="tag">As loads name it.</param>
    /// <remarks>Cost: linear in the values and loads that have the tag, whatever else there is.</remarks>
    /// <exception cref="ObjectDisposedException">The cache is disposed.</exception>
    public void RemoveByTag(string tag) => Invalidate(CacheName.Tag(tag));

    /// <summary>As <see cref="Remove"/>, of all keys that begin with the prefix; the empty one removes everything.</summary>
    /// <param name="prefix">See <see cref="CacheName.Prefix"/>.</param>
    /// <remarks>
    /// Cost: linear in the values and loads that it hits, if it ends with one of <see cref="CoherentCacheOptions.PrefixSeparators"/>;
    /// otherwise in those that share its last whole segment.
    /// </remarks>
    /// <exception cref="ObjectDisposedException">The cache is disposed.</exception>
    public void RemoveByPrefix(string prefix) => Invalidate(CacheName.Prefix(prefix));

    /// <summary>
    /// Removes what the names name, and keeps nothing under them until the scope is disposed: around a change of the source. When this
    /// returns, no lookup gets a value from before. While the scope is open, lookups load, and what they load is not kept. Once it is
    /// disposed, no lookup that begins gets a value whose load began before.
    /// </summary>
    /// <param name="names">Keys, tags and prefixes, in any mixture.</param>
    /// <returns>The scope. May be disposed on another thread, and more than once.</returns>
    /// <remarks>
    /// Nobody waits for a scope. Cost: as the removals of its names, at the start; at the end, of the loads that run. Prefixes that end
    /// inside the same segment cost as much as one of them. While the scope is open, every load makes one search for each length of such
    /// prefixes; a load whose key or tag is not in use yet also looks at each of the other names.
    /// </remarks>
    /// <exception cref="ObjectDisposedException">The cache is disposed.</exception>
    public CacheInvalidation StartInvalidation(params ReadOnlySpan<CacheName> names)
    {
        RequireNotDisposed();
        foreach (ref readonly CacheName name in names)
            _metrics.NoteInvalidation(name.Kind); // What listens may throw: before anything is open.
        InvalidationPart[] parts = UseAll(names, out PrefixSet? prefixes);
        if (prefixes is not null)
            _openPrefixes.Add(prefixes);
        foreach (ref InvalidationPart part in parts.AsSpan())
            part = Start(part);
        return new CacheInvalidation(this, parts, prefixes);
    }

    /// <summary>As the removals of the names, but the prefixes are removed together: keys that several of them concern cost once.</summary>
    internal void RemoveAll(ReadOnlySpan<CacheName> names)
    {
        List<string>? prefixes = null;
        HashSet<AddressRange>? ranges = null;
        foreach (CacheName name in names)
        {
            if (name.Kind != CacheNameKind.Prefix)
            {
                Invalidate(name);
                continue;
            }

            RequireNotDisposed();
            _metrics.NoteInvalidation(name.Kind);
            if (!_names.TryFindPrefix(name.Text, out AddressRange range))
                continue;
            (prefixes ??= []).Add(name.Text);
            (ranges ??= []).Add(range);
        }

        if (prefixes is null || ranges is null)
            return;
        var change = new CacheChange(default, new PrefixSet(prefixes), IsScopeEnd: false);
        foreach (AddressRange range in ranges)
            _space.Invalidate(range, InvalidationEvent.Clear, change);
    }

    /// <summary>
    /// Ends the engine's scopes first: loads that begin from then on are kept. Then it ends the joining of those that began before. Names
    /// go last, as they came into use first: while scopes of the engine are open, each edit of the space looks at every one.
    /// </summary>
    internal void End(ReadOnlySpan<InvalidationPart> parts, PrefixSet? prefixes)
    {
        foreach (ref readonly InvalidationPart part in parts)
            part.Scope.Dispose();
        if (prefixes is not null)
            _openPrefixes.Remove(prefixes);
        foreach (ref readonly InvalidationPart part in parts)
            _space.Invalidate(part.Range, InvalidationEvent.Clear, part.Change(isScopeEnd: true));
        foreach (ref readonly InvalidationPart part in parts)
            DropUse(part);
    }

    /// <summary>
    /// A name that nothing uses has nothing to remove. The look takes the lock under which names come into use: a load that takes it later
    /// reads the source as it was at this call, or newer.
    /// </summary>
    private void Invalidate(CacheName name)
    {
        RequireNotDisposed();
        _metrics.NoteInvalidation(name.Kind);
        if (TryFindAddresses(name, out AddressRange range))
            Invalidate(range, name);
    }

    private void Invalidate(AddressRange range, CacheName name) =>
        _space.Invalidate(range, InvalidationEvent.Clear, new CacheChange(name, Prefixes: null, IsScopeEnd: false));

    private bool TryFindAddresses(CacheName name, out AddressRange range)
    {
        range = default;
        if (name.Kind == CacheNameKind.Prefix)
            return _names.TryFindPrefix(name.Text, out range);
        if (name.Kind == CacheNameKind.Tag)
            return _tags.TryFind(name.Text, out range);
        using (ShardOf(name.Text).Lock.Hold())
        {
            if (!_keys.TryGetValue(name.Text, out KeyNode? key))
                return false;
            range = key.Address;
            return true;
        }
    }

    /// <summary>Each name once, and one part for all prefixes that end inside a segment.</summary>
    private InvalidationPart[] UseAll(ReadOnlySpan<CacheName> names, out PrefixSet? prefixes)
    {
        prefixes = null;
        if (names.Length == 1 && names[0].Kind != CacheNameKind.Prefix)
            return [Use(names[0], out _)];
        var parts = new List<InvalidationPart>(names.Length);
        var inSegments = new List<string>();
        var segments = new Dictionary<NameSegment, InvalidationPart>();
        foreach (CacheName name in new HashSet<CacheName>([.. names]))
        {
            InvalidationPart part = Use(name, out bool isInSegment);
            if (!isInSegment)
            {
                parts.Add(part);
                continue;
            }

            inSegments.Add(name.Text);
            if (!segments.TryAdd((NameSegment)part.Use, part))
                DropUse(part);
        }

        if (inSegments.Count > 0)
        {
            prefixes = new PrefixSet(inSegments);
            foreach (InvalidationPart part in segments.Values)
                parts.Add(part with { Prefixes = prefixes });
        }

        return [.. parts];
    }

    /// <summary>The name stays in use until the end, so that a load that begins meanwhile has the same address.</summary>
    private InvalidationPart Use(CacheName name, out bool isInSegment)
    {
        isInSegment = false;
        switch (name.Kind)
        {
            case CacheNameKind.Key:
                KeyNode key = Take(name.Text);
                return new InvalidationPart(name, Prefixes: null, key.Address, key, default);
            case CacheNameKind.Tag:
                TagNode tag = _tags.Take(name.Text);
                return new InvalidationPart(name, Prefixes: null, tag.Address, tag, default);
            default:
                NameSegment segment = _names.TakePrefix(name.Text, out bool isWhole);
                isInSegment = !isWhole;
                return new InvalidationPart(name, Prefixes: null, segment.Range.Addresses, segment, default);
        }
    }

    private void DropUse(in InvalidationPart part)
    {
        if (part.Use is KeyNode key)
            DropUseUnlocked(key);
        else if (part.Use is TagNode tag)
            _tags.Drop(tag);
        else
            _names.GiveBack((NameSegment)part.Use);
    }

    private InvalidationPart Start(in InvalidationPart part)
    {
        InvalidationScope scope = _space.ReportInvalidation(part.Range, InvalidationEvent.Clear, part.Change(isScopeEnd: false));
        if (part.Prefixes is null)
            return part with { Scope = scope };
        scope.Dispose();
        return part;
    }
}
