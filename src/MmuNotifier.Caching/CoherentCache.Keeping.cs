using System.Diagnostics;

namespace MmuNotifier.Caching;

/// <content>How entries become valid and dead, under the lock of their key.</content>
public sealed partial class CoherentCache
{
    /// <summary>
    /// Keeps a value under a key, whatever is there: entries and loads that began before give way. The value is not kept while a scope of
    /// the key, of one of the tags or of a prefix of the key is open. Use <see cref="GetOrLoadAsync{TState, T}"/> for what is read from the
    /// source: the cache cannot know whether a value passed to Set was read before an invalidation.
    /// </summary>
    /// <typeparam name="T">The type that lookups name.</typeparam>
    /// <param name="key">Of any length, compared by code units.</param>
    /// <param name="value">Callers get the same object; it must not be changed.</param>
    /// <param name="options">How the value is kept; null for the defaults of the cache.</param>
    /// <param name="tags">Tags of the value.</param>
    /// <returns>False if the value was not kept. Nothing older is kept either.</returns>
    /// <exception cref="ObjectDisposedException">The cache is disposed.</exception>
    public bool Set<T>(string key, T value, CacheEntryOptions? options = null, IEnumerable<string>? tags = null) =>
        Set(key, value, options, tags, mayKeep: null);

    /// <summary>
    /// As the public overload, with a predicate, called under the key's lock, that says whether the value may be kept. An invalidation
    /// after that removes the value again. The predicate must not call the cache.
    /// </summary>
    internal bool Set<T>(string key, T value, CacheEntryOptions? options, IEnumerable<string>? tags, Func<bool>? mayKeep)
    {
        ArgumentNullException.ThrowIfNull(key);
        RequireNotDisposed();
        LoadTerms terms = TermsOf(options);
        string[] distinctTags = TagsOf(tags);
        KeyNode node = Take(key);
        bool isKept;
        using (node.Lock.Hold())
        {
            Collide(node, RetirementReason.Replaced);
            var entry = Join(new CacheEntry<T>(node), distinctTags);
            isKept = TryKeep(entry, value, mayKeep is null || mayKeep() ? terms : terms with { SkipKeeping = true });
            DropUse(node);
        }

        EvictExcess();
        return isKept;
    }

    /// <summary>Called by the notifier of a key.</summary>
    internal void Collide(KeyNode node, bool isScopeEnd)
    {
        using (node.Lock.Hold())
        {
            if (!isScopeEnd)
                Collide(node, RetirementReason.Invalidated);
            else if (node.Load is { Attempt.BeganInScope: true } load)
                Collide(load);
        }
    }

    /// <summary>Called by the notifier of a tag that the entry has.</summary>
    internal void Collide(CacheEntry entry, bool isScopeEnd)
    {
        KeyNode node = entry.Node;
        using (node.Lock.Hold())
        {
            if (entry.State == EntryState.Loading && ReferenceEquals(node.Load?.Attempt, entry) && (!isScopeEnd || entry.BeganInScope))
                Collide(node.Load);
            else if (entry.State == EntryState.Valid && !isScopeEnd)
                Retire(entry, RetirementReason.Invalidated);
        }
    }

    private void Collide(KeyNode node, RetirementReason reason)
    {
        node.Lock.AssertHeld();
        if (node.Load is { } load)
            Collide(load);
        if (node.Entry is { } entry)
            Retire(entry, reason);
    }

    /// <summary>The attempt is dropped by its load, when the loader has returned.</summary>
    private static void Collide(Load load)
    {
        load.Node.Lock.AssertHeld();
        load.Attempt.State = EntryState.Dead;
        load.Node.Load = null;
    }

    /// <summary>Makes a loaded or set entry valid, in place of what is there; or drops it.</summary>
    private bool TryKeep<T>(CacheEntry<T> entry, T value, LoadTerms terms)
    {
        KeyNode node = entry.Node;
        node.Lock.AssertHeld();
        Debug.Assert(entry.State == EntryState.Loading, "Only an entry that is loading can be kept.");
        if (entry.BeganInScope || terms.SkipKeeping || _isDisposed || !_eviction.HasRoomFor(terms.Size)
            || value is CachePayload { IsTooLarge: true })
        {
            entry.State = EntryState.Dead;
            Drop(entry);
            return false;
        }

        if (node.Entry is { } old)
            Retire(old, RetirementReason.Replaced);
        entry.Value = value;
        entry.Size = terms.Size;
        entry.ExpiresAt = _clock.After(terms.Expiration);
        entry.RefreshAt = _clock.After(terms.RefreshAfter);
        entry.State = EntryState.Valid;
        node.Entry = entry;
        _eviction.Add(entry);
        return true;
    }

    /// <summary>No lookup that begins from now on gets it.</summary>
    private void Retire(CacheEntry entry, RetirementReason reason)
    {
        KeyNode node = entry.Node;
        node.Lock.AssertHeld();
        Debug.Assert(entry.State == EntryState.Valid && ReferenceEquals(node.Entry, entry), "A key's entry is valid.");
        entry.State = EntryState.Dead;
        node.Entry = null;
        _eviction.Remove(entry);
        _metrics.NoteRetirement(reason);
        Drop(entry);
    }

    /// <summary>Ends the memberships of a dead entry.</summary>
    private void Drop(CacheEntry entry)
    {
        entry.Node.Lock.AssertHeld();
        _tags.Unlink(entry.FirstLink);
        entry.FirstLink = null;
        DropUse(entry.Node);
    }

    private void EvictExcess()
    {
        while (_eviction.TryTakeVictim(out CacheEntry victim))
            RetireIfValid(victim, RetirementReason.Evicted);
    }

    private void RetireIfValid(CacheEntry entry, RetirementReason reason)
    {
        using (entry.Node.Lock.Hold())
        {
            if (entry.State == EntryState.Valid)
                Retire(entry, reason);
        }
    }

    /// <summary>The timer does not keep alive a cache that nobody uses and nobody has disposed.</summary>
    private static ITimer StartScanning(TimeProvider time, TimeSpan interval, WeakReference<CoherentCache> target) => time.CreateTimer(
        static state =>
        {
            if (((WeakReference<CoherentCache>)state!).TryGetTarget(out CoherentCache? cache))
                cache.RetireExpired();
        },
        target,
        interval,
        interval);

    /// <summary>Frees the memory of expired entries that nobody looks up.</summary>
    internal void RetireExpired()
    {
        long now = _clock.Now;
        foreach (KeyNode node in _keys.Select(each => each.Value))
        {
            StepCount.Add();
            if (node.Entry is { } entry && now >= entry.ExpiresAt)
                RetireIfValid(entry, RetirementReason.Expired);
        }
    }
}
