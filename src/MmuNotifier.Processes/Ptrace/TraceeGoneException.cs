namespace MmuNotifier.Processes;

/// <summary>A thread that was stopped has been killed.</summary>
internal sealed class TraceeGoneException(int threadId)
    : TargetChangedException($"Thread {threadId} has exited while it was being traced.");
