using MmuNotifier.Processes;

namespace MmuNotifier.Tool.Core;

/// <summary>A process whose core is taken, and the file that gets it.</summary>
internal sealed record CoreMember(WatchedProcess Watch, CoreFile File, string Path);
