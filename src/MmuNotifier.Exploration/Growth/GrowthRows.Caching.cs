using MmuNotifier.Caching;

namespace MmuNotifier.Growth;

/// <content>The cache of values by name.</content>
internal static partial class GrowthRows
{
    private static IEnumerable<GrowthRow> Caching() =>
    [
        new("hit", "entries", 0, n =>
        {
            GrowthCache cache = new GrowthCache().With(n);
            return Repeat(() => cache.Hit(GrowthCache.KeyAt(n / 2)));
        }),
        new("load that is kept, and its removal by key", "entries", 0, n => LoadAndRemove(new GrowthCache().With(n), Remove)),
        new("load that is kept, and its removal by tag", "entries, with another tag", 0, n =>
            LoadAndRemove(new GrowthCache().With(n, "other"), static cache => cache.RemoveByTag("t"))),
        new("load that is kept, and its removal by prefix", "entries with another prefix", 0, n =>
            LoadAndRemove(new GrowthCache().With(n), static cache => cache.RemoveByPrefix("k:"))),
        new("load that is kept, and its removal by key", "entries with one tag, and its own", 0, n =>
            LoadAndRemove(new GrowthCache().With(n, "t"), Remove)),
        new("removal by tag, each entry", "entries with the tag", 0, n =>
        {
            GrowthCache cache = new GrowthCache().With(n, "t");
            return new GrowthCase(() => cache.Cache.RemoveByTag("t"), n);
        }),
        new("removal by prefix, each entry", "entries with the prefix", 0, n =>
        {
            GrowthCache cache = new GrowthCache().With(n);
            return new GrowthCase(() => cache.Cache.RemoveByPrefix("n:"), n);
        }),
        new("removal by a prefix that ends inside a segment, each entry", "entries with the prefix", 0, n =>
        {
            GrowthCache cache = new GrowthCache().With(n);
            return new GrowthCase(() => cache.Cache.RemoveByPrefix("n"), n);
        }),
        new("load that is kept, and its removal by key, each tag", "tags of the entry", 0, n =>
        {
            var cache = new GrowthCache();
            string[] tags = [.. Enumerable.Range(0, n).Select(each => $"t{each}")];
            return new GrowthCase(
                () =>
                {
                    cache.Load("k:1", tags);
                    Remove(cache.Cache);
                },
                n);
        }),
        new("load that evicts another entry", "entries, none looked up", 0, n => LoadMore(new GrowthCache(n).With(n))),
        new("load that evicts another entry", "entries, all looked up", 0, n =>
        {
            GrowthCache cache = new GrowthCache(n).With(n);
            for (int i = 0; i < n; i++)
                cache.Hit(GrowthCache.KeyAt(i));
            // As many as there are entries: an eviction passes at most 64 that were looked up, and each is passed once.
            return new GrowthCase(
                () =>
                {
                    for (int i = 0; i < n; i++)
                        cache.Load($"more:{i}");
                },
                n);
        }),
        new("load that is kept, and its removal by key", "expired entries", 0, n =>
        {
            GrowthCache cache = new GrowthCache().With(n);
            cache.Time.Advance(GrowthCache.Expiration);
            return LoadAndRemove(cache, Remove);
        }),
        new("scan for expired entries, each", "expired entries", 0, n =>
        {
            GrowthCache cache = new GrowthCache().With(n);
            cache.Time.Advance(GrowthCache.Expiration);
            return new GrowthCase(cache.Time.Fire, n);
        }),
        new("hit", "open scopes elsewhere", 0, n =>
        {
            GrowthCache cache = new GrowthCache().With(1);
            Open(cache, n, static each => CacheName.Key($"s:{each}"));
            return Repeat(() => cache.Hit(GrowthCache.KeyAt(0)));
        }),
        new("load that is kept, and its removal by key", "open scopes of keys elsewhere", 1, n =>
        {
            var cache = new GrowthCache();
            Open(cache, n, static each => CacheName.Key($"s:{each}"));
            return LoadAndRemove(cache, Remove);
        }),
        new("load that is kept, and its removal by key", "open scopes of prefixes that end inside a segment", 1, n =>
        {
            var cache = new GrowthCache();
            Open(cache, n, static each => CacheName.Prefix($"s:{each}"));
            return LoadAndRemove(cache, Remove);
        }),
        new("start and end of a scope", "open scopes of keys elsewhere", 1, n =>
        {
            var cache = new GrowthCache();
            Open(cache, n, static each => CacheName.Key($"s:{each}"));
            return Repeat(() => cache.Cache.StartInvalidation(CacheName.Key("k:1")).Dispose());
        }),
        new("start and end of a scope, each name", "keys of the scope", 0, n =>
            ScopeOf(n, static each => CacheName.Key($"s:{each}"))),
        new("start and end of a scope, each name", "tags of the scope", 0, n =>
            ScopeOf(n, static each => CacheName.Tag($"{each}"))),
        new("start and end of a scope, each name", "prefixes of the scope that end inside a segment", 0, n =>
            ScopeOf(n, static each => CacheName.Prefix($"s:{each}"))),
        new("start and end of a scope, each name", "keys of the scope, and as many prefixes that end inside their segment", 0, n =>
            ScopeOf(n, static each => each % 2 == 0 ? CacheName.Key($"s:{each}") : CacheName.Prefix($"s:{each}"))),
        new("load that is kept, and its removal by key", "prefixes of one open scope that end inside its segment", 0, n =>
        {
            var cache = new GrowthCache();
            _ = cache.Cache.StartInvalidation([.. Enumerable.Range(0, n).Select(static each => CacheName.Prefix($"k:_{each}"))]);
            return LoadAndRemove(cache, Remove);
        }),
    ];

    private static void Remove(CoherentCache cache) => cache.Remove("k:1");

    private static GrowthCase LoadAndRemove(GrowthCache cache, Action<CoherentCache> remove) => Repeat(() =>
    {
        cache.Load("k:1", "t");
        cache.Hit("k:1");
        remove(cache.Cache);
        if (cache.Cache.TryGet("k:1", out int _))
            throw new InvalidOperationException("It was removed.");
    });

    private static GrowthCase LoadMore(GrowthCache cache)
    {
        int loaded = 0;
        return Repeat(() => cache.Load($"more:{loaded++}"));
    }

    private static GrowthCase ScopeOf(int count, Func<int, CacheName> name)
    {
        var cache = new GrowthCache();
        CacheName[] names = [.. Enumerable.Range(0, count).Select(name)];
        return new GrowthCase(() => cache.Cache.StartInvalidation(names).Dispose(), count);
    }

    private static void Open(GrowthCache cache, int count, Func<int, CacheName> name)
    {
        for (int i = 0; i < count; i++)
            cache.Cache.StartInvalidation(name(i));
    }
}
