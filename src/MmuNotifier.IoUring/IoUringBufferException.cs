namespace MmuNotifier.IoUring;

/// <summary>A buffer cannot be registered with the ring.</summary>
public sealed class IoUringBufferException : IOException
{
    /// <summary>Makes one without a message.</summary>
    public IoUringBufferException()
    {
    }

    /// <summary>Makes one.</summary>
    /// <param name="message">What failed, why, and what to do.</param>
    public IoUringBufferException(string message)
        : base(message)
    {
    }

    /// <summary>Makes one.</summary>
    /// <param name="message">What failed, why, and what to do.</param>
    /// <param name="innerException">The cause.</param>
    public IoUringBufferException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
