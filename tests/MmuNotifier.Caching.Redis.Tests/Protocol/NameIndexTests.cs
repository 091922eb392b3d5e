namespace MmuNotifier.Caching.Redis.Tests.Protocol;

public sealed class NameIndexTests
{
    private readonly NameIndex _index = new(capacity: 4);

    public NameIndexTests()
    {
        _index.Restart("e", 10);
    }

    [Fact]
    public void It_proves_what_it_remembers()
    {
        Assert.True(_index.Proves(At(10), "key", ["tag"]));
        Assert.False(_index.Proves(At(9), "key", []));
        Assert.False(_index.Proves(new CachePosition("other", 10), "key", []));
        _index.Record("other", 11, [CacheName.Key("key")]);
        Assert.True(_index.Proves(At(10), "key", []));
        _index.Record("e", 11, [CacheName.Key("key")]);
        _index.Record("e", 12, [CacheName.Tag("tag"), CacheName.Prefix("pre")]);
        Assert.False(_index.Proves(At(10), "key", []));
        Assert.True(_index.Proves(At(11), "key", []));
        Assert.False(_index.Proves(At(11), "key", ["other", "tag"]));
        Assert.False(_index.Proves(At(11), "prefix", []));
        Assert.False(_index.Proves(At(11), "pre", []));
        Assert.True(_index.Proves(At(11), "pr", []));
        Assert.True(_index.Proves(At(12), "prefix", ["tag"]));
    }

    [Fact]
    public void An_older_entry_does_not_hide_a_newer_one()
    {
        _index.Record("e", 12, [CacheName.Key("key")]);
        _index.Record("e", 11, [CacheName.Key("key")]);
        Assert.False(_index.Proves(At(11), "key", []));
    }

    [Fact]
    public void What_it_drops_it_proves_no_more()
    {
        for (int i = 11; i <= 15; i++)
            _index.Record("e", i, [CacheName.Prefix($"p{i}")]);
        Assert.False(_index.Proves(At(10), "other", []));
        Assert.True(_index.Proves(At(11), "other", []));
        Assert.False(_index.Proves(At(14), "p15:x", []));
        _index.Record("e", 16, [CacheName.Key("key")]);
        _index.Record("e", 17, [CacheName.Key("key")]);
        _index.Record("e", 18, [CacheName.Key("key")]);
        _index.Record("e", 19, [CacheName.Key("key")]);
        _index.Record("e", 20, [CacheName.Key("key")]);
        Assert.True(_index.Proves(At(20), "key", []));
        Assert.False(_index.Proves(At(19), "key", []));
    }

    private static CachePosition At(long sequence) => new("e", sequence);
}
