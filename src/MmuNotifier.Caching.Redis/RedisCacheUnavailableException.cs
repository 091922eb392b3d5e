namespace MmuNotifier.Caching.Redis;

/// <summary>
/// The cache must not answer: it has not heard of Redis for longer than a lease, or Redis is not as the options say. The message says
/// which.
/// </summary>
public sealed class RedisCacheUnavailableException : Exception
{
    /// <summary>Makes one.</summary>
    public RedisCacheUnavailableException()
        : base("The cache has no lease.")
    {
    }

    /// <summary>Makes one.</summary>
    /// <param name="message">Why the cache must not answer.</param>
    public RedisCacheUnavailableException(string message)
        : base(message)
    {
    }

    /// <summary>Makes one.</summary>
    /// <param name="message">Why the cache must not answer.</param>
    /// <param name="innerException">What failed.</param>
    public RedisCacheUnavailableException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }
}
