namespace MmuNotifier.Caching.Tests;

public sealed class CoherentCacheOptionsTests
{
    private static readonly Action<CoherentCacheOptions>[] s_wrong =
    [
        each => each.Name = " ",
        each => each.SizeLimit = -1,
        each => each.MaxPayloadBytes = -1,
        each => each.Expiration = TimeSpan.Zero,
        each => each.RefreshAfter = TimeSpan.FromTicks(-1),
        each => each.MaxLoadAttempts = 0,
        each => each.MaxLoadAttempts = 101,
        each => each.PrefixSeparators = null!,
        each => each.TimeProvider = null!,
        each => each.ExpirationScanInterval = TimeSpan.FromMilliseconds(9),
        each => each.ExpirationScanInterval = TimeSpan.FromDays(2),
    ];

    [Fact]
    public void What_is_out_of_its_bounds_is_refused()
    {
        foreach (Action<CoherentCacheOptions> change in s_wrong)
        {
            var options = new CoherentCacheOptions();
            options.Validate();
            change(options);
            Assert.ThrowsAny<ArgumentException>(() => new CoherentCache(options));
        }
    }

    [Fact]
    public async Task A_later_change_of_the_options_has_no_effect_and_no_separators_are_allowed()
    {
        var options = new CoherentCacheOptions { PrefixSeparators = "", SizeLimit = 10 };
        using var cache = new CoherentCache(options);
        options.SizeLimit = 0;
        await cache.GetOrLoadAsync("a:b", _ => ValueTask.FromResult(1));
        await cache.GetOrLoadAsync("b", _ => ValueTask.FromResult(1));
        cache.RemoveByPrefix("a:");
        Assert.Equal(1, cache.Count);
    }
}
