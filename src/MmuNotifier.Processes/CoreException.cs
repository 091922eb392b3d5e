namespace MmuNotifier.Processes;

/// <summary>
/// No core of a process was written; the message says why, in one line. The process goes on as before, and a file that had the core's name
/// is as it was.
/// </summary>
public class CoreException : Exception
{
    /// <summary>Without a message.</summary>
    public CoreException()
    {
    }

    /// <summary>With a message for the user.</summary>
    /// <param name="message">One line.</param>
    public CoreException(string message)
        : base(message)
    {
    }

    /// <summary>With a message for the user, and what caused it.</summary>
    /// <param name="message">One line.</param>
    /// <param name="innerException">The cause.</param>
    public CoreException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
