namespace MmuNotifier.Caching.Tests.Core;

public sealed class NameTreeTests
{
    private readonly NameTree _names = new(":");

    [Fact]
    public void Names_below_a_prefix_are_in_its_range_and_others_are_not()
    {
        var random = new Random(1);
        var keys = new HashSet<string>();
        while (keys.Count < 3000)
            keys.Add(string.Join(':', Enumerable.Range(0, random.Next(1, 6)).Select(_ => random.Next(12))));
        var addresses = keys.ToDictionary(each => each, each => _names.Take(each, out _, out _));
        Assert.Equal(keys.Count, addresses.Values.Distinct().Count());
        foreach (string prefix in keys.SelectMany(PrefixesOf).Distinct())
        {
            Assert.True(_names.TryFindPrefix(prefix, out AddressRange range));
            foreach ((string key, ulong address) in addresses)
                Assert.Equal(key.StartsWith(prefix, StringComparison.Ordinal), range.Contains(address));
        }
    }

    [Fact]
    public void A_million_names_in_one_segment_and_deep_ones_have_addresses_of_their_own()
    {
        var addresses = new HashSet<ulong>();
        for (int i = 0; i < 1_000_000; i++)
            Assert.True(addresses.Add(_names.Take($"a:{i}", out _, out _)));
        for (int i = 0; i < 1000; i++)
            Assert.True(addresses.Add(_names.Take($"tenant:{i}:user:{i}:order:{i}", out _, out _)));
    }

    [Fact]
    public void A_name_that_is_given_back_leaves_nothing()
    {
        ulong address = _names.Take("a:b:c", out NameSegment segment, out uint number);
        NameSegment prefix = _names.TakePrefix("a:b:d:", out bool isWhole);
        Assert.True(isWhole);
        _names.GiveBack(segment, number);
        Assert.True(_names.TryFindPrefix("a:b:", out _));
        _names.GiveBack(prefix);
        Assert.False(_names.TryFindPrefix("a:", out _));
        Assert.False(_names.TryFindPrefix("", out _));
        Assert.Equal(address, _names.Take("x:y:z", out _, out _));
    }

    [Fact]
    public void Where_the_addresses_are_used_up_names_share_one_inside_their_prefixes()
    {
        // 16 levels of which each takes the code of a large number.
        var segments = new List<string>();
        for (int level = 0; level < 8; level++)
        {
            string parent = string.Concat(segments);
            for (int i = 0; i < 300; i++)
                _names.Take($"{parent}{i}:x", out _, out _);
            segments.Add("299:");
        }

        string deep = string.Concat(segments);
        ulong first = _names.Take(deep + "1", out _, out _);
        Assert.Equal(first, _names.Take(deep + "2", out _, out _));
        Assert.True(_names.TryFindPrefix(deep, out AddressRange range) && range.Contains(first));
        Assert.True(_names.TryFindPrefix(segments[0], out range) && range.Contains(first));
        Assert.True(_names.TryFindPrefix("0:", out range) && !range.Contains(first));
    }

    private static IEnumerable<string> PrefixesOf(string key) =>
        Enumerable.Range(0, key.Length + 1).Where(each => each == 0 || key[each - 1] == ':').Select(each => key[..each]);
}
