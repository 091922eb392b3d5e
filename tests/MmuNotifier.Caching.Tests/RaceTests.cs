using System.Globalization;
using MmuNotifier.Benchmarks.Caching.Races;

namespace MmuNotifier.Caching.Tests;

/// <summary>Forced races; the benchmarks run more of them, and the same in other caches. MMUN_CACHE_RACES changes how many.</summary>
public sealed class RaceTests
{
    private static readonly int s_races =
        int.TryParse(Environment.GetEnvironmentVariable("MMUN_CACHE_RACES"), CultureInfo.InvariantCulture, out int races) ? races : 300;

    public static TheoryData<string> Kinds => [.. Enum.GetNames<RaceKind>()];

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task No_lookup_gets_what_was_invalidated_inside_a_load(string kind)
    {
        RaceKind parsed = Enum.Parse<RaceKind>(kind);
        using var cache = new CoherentRaced(parsed);
        RaceResult result = await CacheRace.RunAsync(cache, parsed, s_races);
        Assert.Equal(new RaceResult(s_races, s_races, 0, 0), result);
    }
}
