namespace MmuNotifier.Registration;

/// <summary>Memory that is to be registered is not there: the provider was not asked.</summary>
public sealed class MemoryNotMappedException : IOException
{
    /// <summary>Makes one without a message.</summary>
    public MemoryNotMappedException()
    {
    }

    /// <summary>Makes one.</summary>
    /// <param name="message">Which memory.</param>
    public MemoryNotMappedException(string message)
        : base(message)
    {
    }

    /// <summary>Makes one.</summary>
    /// <param name="message">Which memory.</param>
    /// <param name="innerException">The cause.</param>
    public MemoryNotMappedException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
