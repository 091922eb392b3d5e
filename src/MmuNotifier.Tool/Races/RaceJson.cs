using System.Text.Json.Serialization;

namespace MmuNotifier.Tool.Races;

/// <summary>Writes results without reflection.</summary>
[JsonSerializable(typeof(RaceResult))]
internal sealed partial class RaceJson : JsonSerializerContext;
