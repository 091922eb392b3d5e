namespace MmuNotifier.Caching.Redis;

/// <summary>
/// An invalidation is done on this node, and it is not known whether it is done on the others. Invalidate again: that is harmless.
/// </summary>
public sealed class InvalidationOutcomeUnknownException : Exception
{
    /// <summary>Makes one.</summary>
    public InvalidationOutcomeUnknownException()
        : base("It is not known whether the other nodes have the invalidation.")
    {
    }

    /// <summary>Makes one.</summary>
    /// <param name="message">What is not known, and why.</param>
    public InvalidationOutcomeUnknownException(string message)
        : base(message)
    {
    }

    /// <summary>Makes one.</summary>
    /// <param name="message">What is not known, and why.</param>
    /// <param name="innerException">What failed last.</param>
    public InvalidationOutcomeUnknownException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }
}
