namespace MmuNotifier.Processes;

internal enum FreezeOutcome
{
    Stopped,

    /// <summary>The process has exited before it could be stopped.</summary>
    Exited,

    /// <summary>A thread waits in the kernel in a way that cannot be interrupted; everything has been let go of.</summary>
    ThreadDidNotStop,
}

/// <summary>The answer of an attempt to stop a process.</summary>
/// <param name="Outcome">What happened.</param>
/// <param name="Process">The stopped process, only if it was.</param>
/// <param name="Message">One line for the user, empty when stopped.</param>
/// <param name="ThreadId">The thread that did not stop, or 0.</param>
internal sealed record FreezeResult(FreezeOutcome Outcome, StoppedProcess? Process, string Message, int ThreadId);
