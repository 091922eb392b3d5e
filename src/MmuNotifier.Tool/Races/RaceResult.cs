using System.Text.Json.Serialization;

namespace MmuNotifier.Tool.Races;

/// <summary>What a race came to.</summary>
/// <param name="Name">Which race.</param>
/// <param name="Iterations">Changes of the memory.</param>
/// <param name="Hits">Lookups that the cache answered.</param>
/// <param name="Stale">Registrations that described other memory than what was mapped when the lookup began.</param>
internal sealed record RaceResult(
    [property: JsonPropertyName("name")] string Name,
    [property: JsonPropertyName("iterations")] long Iterations,
    [property: JsonPropertyName("hits")] long Hits,
    [property: JsonPropertyName("stale")] long Stale);
