namespace MmuNotifier.Processes;

/// <summary>
/// The target is not what it was one step before: it ended, was killed, executed a program, or was frozen. That is no fault: the
/// caller looks at the target again, and either retries or says in one line what happened.
/// </summary>
internal class TargetChangedException(string message) : Exception(message);
