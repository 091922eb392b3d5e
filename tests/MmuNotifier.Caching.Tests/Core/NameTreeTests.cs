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
        var addresses = keys.ToDictionary(each => each, each => _names.Take(new Name(each)));
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
            Assert.True(addresses.Add(_names.Take(new Name($"a:{i}"))));
        for (int i = 0; i < 1000; i++)
            Assert.True(addresses.Add(_names.Take(new Name($"tenant:{i}:user:{i}:order:{i}"))));
    }

    [Fact]
    public void A_name_that_is_given_back_leaves_nothing()
    {
        var name = new Name("a:b:c");
        ulong address = _names.Take(name);
        NameSegment prefix = _names.TakePrefix("a:b:d:", out bool isWhole);
        Assert.True(isWhole);
        _names.GiveBack(name);
        Assert.True(_names.TryFindPrefix("a:b:", out _));
        _names.GiveBack(prefix);
        Assert.False(_names.TryFindPrefix("a:", out _));
        Assert.False(_names.TryFindPrefix("", out _));
        Assert.Equal(address, _names.Take(new Name("x:y:z")));
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
                _names.Take(new Name($"{parent}{i}:x"));
            segments.Add("299:");
        }

        string deep = string.Concat(segments);
        ulong first = _names.Take(new Name(deep + "1"));
        Assert.Equal(first, _names.Take(new Name(deep + "2")));
        Assert.True(_names.TryFindPrefix(deep, out AddressRange range) && range.Contains(first));
        Assert.True(_names.TryFindPrefix(segments[0], out range) && range.Contains(first));
        Assert.True(_names.TryFindPrefix("0:", out range) && !range.Contains(first));
    }

    [Fact]
    public void Names_that_come_and_go_in_any_order_keep_their_addresses_and_leave_nothing()
    {
        var random = new Random(2);
        var names = new Dictionary<string, (Name Name, ulong Address)>();
        for (int step = 0; step < 20_000; step++)
        {
            string key = string.Join(':', Enumerable.Range(0, random.Next(1, 5)).Select(_ => random.Next(3)));
            if (names.Remove(key, out (Name Name, ulong Address) name))
                _names.GiveBack(name.Name);
            else
                names.Add(key, (name.Name = new Name(key), _names.Take(name.Name)));
            string prefix = PrefixesOf(key).Last();
            bool isUsed = names.Keys.Any(each => each.StartsWith(prefix, StringComparison.Ordinal));
            Assert.Equal(isUsed, _names.TryFindPrefix(prefix, out AddressRange range));
            foreach ((string other, (Name _, ulong address)) in isUsed ? names : [])
                Assert.Equal(other.StartsWith(prefix, StringComparison.Ordinal), range.Contains(address));
            Assert.Equal(names.Count, names.Values.Select(each => each.Address).Distinct().Count());
        }

        foreach ((Name name, _) in names.Values)
            _names.GiveBack(name);
        Assert.False(_names.TryFindPrefix("", out _));
    }

    [Fact]
    public void A_lone_name_and_a_scope_of_its_segment_have_the_same_addresses()
    {
        var name = new Name("a:b:c:d");
        ulong address = _names.Take(name);
        NameSegment prefix = _names.TakePrefix("a:b:", out bool isWhole);
        Assert.True(isWhole && prefix.Range.Addresses.Contains(address));
        Assert.True(_names.TryFindPrefix("a:b:c:", out AddressRange range) && range.Contains(address));
        Assert.False(_names.TryFindPrefix("a:b:x:", out _));
        _names.GiveBack(name);
        Assert.False(_names.TryFindPrefix("a:b:c:", out _));
        _names.GiveBack(prefix);
        Assert.False(_names.TryFindPrefix("a:", out _));
    }

    private static IEnumerable<string> PrefixesOf(string key) =>
        Enumerable.Range(0, key.Length + 1).Where(each => each == 0 || key[each - 1] == ':').Select(each => key[..each]);

    private sealed class Name(string key) : INamed
    {
        public string Key { get; } = key;

        public NameSegment Segment { get; set; } = null!;

        public uint Number { get; set; }
    }
}
