namespace MmuNotifier.Processes;

/// <summary>The program that was attached to is gone: its process has ended, or executes another program.</summary>
public sealed class ProcessExitedException : InvalidOperationException
{
    /// <summary>Makes an exception without a message of its own.</summary>
    public ProcessExitedException()
    {
    }

    /// <summary>Makes an exception.</summary>
    /// <param name="message">Which process.</param>
    public ProcessExitedException(string message)
        : base(message)
    {
    }

    /// <summary>Makes an exception.</summary>
    /// <param name="message">Which process.</param>
    /// <param name="innerException">What has failed.</param>
    public ProcessExitedException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
