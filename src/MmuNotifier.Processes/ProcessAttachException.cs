namespace MmuNotifier.Processes;

/// <summary>A process cannot be attached to. The message is one line that says why, and what to do next.</summary>
public sealed class ProcessAttachException : Exception
{
    /// <summary>Makes an exception without a message of its own.</summary>
    public ProcessAttachException()
    {
    }

    /// <summary>Makes an exception.</summary>
    /// <param name="message">Why the process cannot be attached to, and what to do next.</param>
    public ProcessAttachException(string message)
        : base(message)
    {
    }

    /// <summary>Makes an exception.</summary>
    /// <param name="message">Why the process cannot be attached to, and what to do next.</param>
    /// <param name="innerException">What the kernel answered.</param>
    public ProcessAttachException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
