namespace MmuNotifier.Processes;

/// <summary>
/// No core of a process was written; the message says why, in one line. The process runs as before, and a file that had the core's name is
/// unchanged.
/// </summary>
public sealed class CoreException : Exception
{
    /// <summary>Makes an exception without a message of its own.</summary>
    public CoreException()
    {
    }

    /// <summary>Makes an exception.</summary>
    /// <param name="message">Why no core was written.</param>
    public CoreException(string message)
        : base(message)
    {
    }

    /// <summary>Makes an exception.</summary>
    /// <param name="message">Why no core was written.</param>
    /// <param name="innerException">What has failed.</param>
    public CoreException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
