namespace MmuNotifier.Caching.Tests.Core;

public sealed class PrefixSetTests
{
    [Fact]
    public void A_key_is_covered_that_begins_with_one_of_them()
    {
        var set = new PrefixSet(["user:1", "user:12", "a", "user:1"]);
        foreach (string key in (string[])["user:1", "user:13", "user:12:name", "a", "abc"])
            Assert.True(set.Covers(key), key);
        foreach (string key in (string[])["", "user:", "user:2", "User:1", "ba", "b\0a"])
            Assert.False(set.Covers(key), key);
    }

    [Fact]
    public void The_empty_prefix_covers_everything_and_no_prefix_nothing()
    {
        Assert.True(new PrefixSet(["", "x"]).Covers(""));
        Assert.True(new PrefixSet([""]).Covers("key"));
        Assert.False(new PrefixSet([]).Covers(""));
    }

    [Fact]
    public void Keys_are_compared_by_code_units()
    {
        var set = new PrefixSet(["\ud800", "é"]);
        Assert.True(set.Covers("\ud800\udc00"));
        Assert.False(set.Covers("\ud801\udc00"));
        Assert.False(set.Covers("e\u0301"));
    }
}
