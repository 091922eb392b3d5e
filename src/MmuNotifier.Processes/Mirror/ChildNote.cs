namespace MmuNotifier.Processes.Mirroring;

/// <summary>A child of a mirrored process, and what became of it.</summary>
/// <param name="ProcessId">Its number.</param>
/// <param name="Command">Its name.</param>
/// <param name="Outcome">Followed, released, ended before it could be attached to, or why not.</param>
internal sealed record ChildNote(int ProcessId, string Command, string Outcome);
