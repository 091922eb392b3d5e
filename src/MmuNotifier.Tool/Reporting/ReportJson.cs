using System.Text.Json.Serialization;
using MmuNotifier.Processes.Mirroring;

namespace MmuNotifier.Tool.Reporting;

/// <summary>Writes reports without reflection.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(MirrorReport))]
internal sealed partial class ReportJson : JsonSerializerContext;
