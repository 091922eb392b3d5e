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

    internal IoUringBufferException(string message, bool isShortage)
        : base(message) => IsShortage = isShortage;

    /// <summary>Makes one.</summary>
    /// <param name="message">What failed, why, and what to do.</param>
    /// <param name="innerException">The cause.</param>
    public IoUringBufferException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    /// <summary>Whether the release of other buffers may help: no slot or no more locked memory was left.</summary>
    internal bool IsShortage { get; }
}
