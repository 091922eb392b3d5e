namespace MmuNotifier.Processes;

/// <summary>
/// A process could not be stopped in time, or its freeze is over. The message is one line that says why; the process runs.
/// </summary>
public sealed class ProcessFreezeException : Exception
{
    /// <summary>Makes an exception without a message of its own.</summary>
    public ProcessFreezeException()
    {
    }

    /// <summary>Makes an exception.</summary>
    /// <param name="message">Why it is not stopped.</param>
    public ProcessFreezeException(string message)
        : base(message)
    {
    }

    /// <summary>Makes an exception.</summary>
    /// <param name="message">Why it is not stopped.</param>
    /// <param name="innerException">What has failed.</param>
    public ProcessFreezeException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
