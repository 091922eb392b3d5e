namespace MmuNotifier.Tool.Recording;

/// <summary>What a recording says of its process at the beginning.</summary>
internal sealed record RecordedProcess(int ProcessId, string Command, DateTimeOffset Began, TimeSpan Interval, string ToolVersion);
