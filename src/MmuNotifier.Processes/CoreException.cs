namespace MmuNotifier.Processes;

/// <summary>
/// No core of a process was written; the message says why, in one line. The process runs as before, and a file that had the core's name is
/// unchanged.
/// </summary>
internal sealed class CoreException(string message, Exception? innerException = null) : Exception(message, innerException);
