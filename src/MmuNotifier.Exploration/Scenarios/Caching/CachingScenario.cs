using MmuNotifier.Caching;

namespace MmuNotifier.Exploration.Scenarios.Caching;

/// <summary>
/// A cache of one source. The oracle: a lookup gets nothing older than what the source had when an invalidation was called that had
/// returned before the lookup (for this thread's eyes); at the end all names are given back.
/// </summary>
internal abstract class CachingScenario : Scenario
{
    protected const string Key = "a:b";
    protected const string Tag = "t";

    private readonly List<(Task<long> Task, long AtLeast)> _pending = [];
    private AtomicInt64 _source;
    private AtomicInt64 _returned;

    protected CachingScenario(int maxLoadAttempts = 1, long sizeLimit = 100)
    {
        var options = new CoherentCacheOptions { MaxLoadAttempts = maxLoadAttempts, SizeLimit = sizeLimit, Expiration = null };
        Cache = new CoherentCache(options, logger: null, lockCount: 1, isPassive: true);
    }

    protected CoherentCache Cache { get; }

    public override void Check()
    {
        foreach ((Task<long> task, long atLeast) in _pending)
        {
            Explore.Assert(task.Wait(TimeSpan.FromSeconds(10)), "a lookup waits for ever");
            RequireFresh(task.Result, atLeast);
        }

        LookUp();
        LookUp();
        Cache.RemoveByPrefix("");
        Explore.Assert(
            Cache is { Count: 0, Size: 0, KeysInUse: 0, TagsInUse: 0 },
            $"{Cache.Count} entries, {Cache.KeysInUse} keys and {Cache.TagsInUse} tags are left");
    }

    /// <summary>A load reads the source on this thread. A lookup that joins one of another thread is checked at the end.</summary>
    protected void LookUp()
    {
        long atLeast = _returned.Read();
        ValueTask<long> lookup = Cache.GetOrLoadAsync(Key, this, static (scenario, _) => scenario.ReadSource(), null, [Tag]);
        if (lookup.IsCompleted)
            RequireFresh(lookup.GetAwaiter().GetResult(), atLeast);
        else
            _pending.Add((lookup.AsTask(), atLeast));
    }

    protected void Peek()
    {
        long atLeast = _returned.Read();
        if (Cache.TryGet(Key, out long value))
            RequireFresh(value, atLeast);
    }

    protected void ChangeAndRemove() => Change(() => Cache.Remove(Key));

    protected void ChangeAndRemoveByTag() => Change(() => Cache.RemoveByTag(Tag));

    protected void Change(Action invalidate)
    {
        long changed = _source.ReadRelaxed() + 1;
        _source.Write(changed);
        invalidate();
        _returned.Write(changed);
    }

    protected void RemoveSetAndRemove() => Change(() =>
    {
        Cache.Remove(Key);
        Cache.Set(Key, _source.ReadRelaxed() - 1, null, [Tag]);
        Cache.Remove(Key);
    });

    protected void ChangeAndSet() => Change(() => Cache.Set(Key, _source.ReadRelaxed(), null, [Tag]));

    protected void ChangeInside(CacheName name)
    {
        using (Cache.StartInvalidation(name))
            _source.Write(_source.ReadRelaxed() + 1);
        _returned.Write(_source.ReadRelaxed());
    }

    private ValueTask<long> ReadSource() => new(_source.Read());

    private static void RequireFresh(long value, long atLeast) =>
        Explore.Assert(value >= atLeast, $"a lookup got {value}, and {atLeast} had been invalidated to before");
}
