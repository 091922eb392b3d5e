namespace MmuNotifier.Caching.Redis.Tests.Protocol;

public sealed class NameSetTests
{
    private readonly NameSet _names = new([CacheName.Key("key"), CacheName.Tag("tag"), CacheName.Prefix("pre"), CacheName.Key("key")]);

    [Fact]
    public void It_covers_the_keys_and_tags_and_what_begins_with_a_prefix()
    {
        Assert.True(_names.Covers("key", []));
        Assert.True(_names.Covers("other", ["no", "tag"]));
        Assert.True(_names.Covers("pre", []));
        Assert.True(_names.Covers("prefix", ["no"]));
    }

    [Fact]
    public void A_name_of_one_kind_does_not_stand_for_another()
    {
        Assert.False(_names.Covers("key:1", []));
        Assert.False(_names.Covers("tag", []));
        Assert.False(_names.Covers("other", ["key", "pre", "prefix"]));
        Assert.False(_names.Covers("pr", []));
    }
}
