using System.CommandLine;
using System.Globalization;

namespace MmuNotifier.Benchmarks.Caching.Races;

/// <summary>Forced races of loads with invalidations, in our cache and in others.</summary>
internal static class CacheRacesCommand
{
    private static readonly (string Name, Func<RaceKind, IRacedCache> Make)[] s_caches =
    [
        ("MmuNotifier.Caching", kind => new CoherentRaced(kind)),
        ("MemoryCache", _ => new MemoryCacheRaced()),
        ("MemoryCache, Lazy + tokens", _ => new LazyMemoryCacheRaced()),
        ("HybridCache", _ => new HybridCacheRaced()),
        ("FusionCache", kind => new FusionCacheRaced(kind)),
    ];

    public static Command Create()
    {
        var races = new Option<int>("--races") { Description = "Races of each kind in our cache.", DefaultValueFactory = _ => 100_000 };
        var peerRaces = new Option<int>("--peer-races")
        {
            Description = "Races of each kind in each of the others.",
            DefaultValueFactory = _ => 2_000,
        };
        var kinds = new Option<RaceKind[]>("--kinds")
        {
            Description = "Which kinds.",
            DefaultValueFactory = _ => Enum.GetValues<RaceKind>(),
            AllowMultipleArgumentsPerToken = true,
        };
        var command = new Command("caching-races", "Forces invalidations into loads, and counts stale lookups afterwards.")
        {
            races,
            peerRaces,
            kinds,
        };
        command.SetAction(parsed => RunAsync(parsed.GetValue(kinds)!, parsed.GetValue(races), parsed.GetValue(peerRaces)));
        return command;
    }

    /// <returns>1 if a lookup of ours was stale, or a race did not overlap; otherwise 0.</returns>
    private static async Task<int> RunAsync(RaceKind[] kinds, int races, int peerRaces)
    {
        Console.WriteLine("Stale lookups that began before the load had returned / after it, of so many races that overlapped:");
        Console.WriteLine();
        Console.WriteLine("| inside a load | " + string.Join(" | ", s_caches.Select(each => each.Name)) + " |");
        Console.WriteLine("|---|" + string.Concat(s_caches.Select(_ => "---|")));
        bool isRight = true;
        foreach (RaceKind kind in kinds)
        {
            var cells = new List<string>();
            foreach ((string name, Func<RaceKind, IRacedCache> make) in s_caches)
            {
                using IRacedCache cache = make(kind);
                bool isOurs = ReferenceEquals(name, s_caches[0].Name);
                if (!cache.Supports(kind))
                {
                    cells.Add("–");
                    continue;
                }

                RaceResult result = await CacheRace.RunAsync(cache, kind, isOurs ? races : peerRaces).ConfigureAwait(false);
                isRight &= !isOurs || result is { StaleJoined: 0, StaleAfter: 0 } && result.Overlapped == result.Races;
                cells.Add(string.Create(
                    CultureInfo.InvariantCulture, $"{result.StaleJoined:N0} / {result.StaleAfter:N0} of {result.Overlapped:N0}"));
            }

            Console.WriteLine($"| {kind} | " + string.Join(" | ", cells) + " |");
        }

        return isRight ? 0 : 1;
    }
}
