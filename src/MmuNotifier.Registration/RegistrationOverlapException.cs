namespace MmuNotifier.Registration;

/// <summary>
/// A registration overlaps one that stays in use, and the provider takes no two that overlap: see
/// <see cref="RegistrationCacheOptions.ExclusiveRanges"/>.
/// </summary>
public sealed class RegistrationOverlapException : IOException
{
    /// <summary>Makes one without a message.</summary>
    public RegistrationOverlapException()
    {
    }

    /// <summary>Makes one.</summary>
    /// <param name="message">Which ranges, and what to do.</param>
    public RegistrationOverlapException(string message)
        : base(message)
    {
    }

    /// <summary>Makes one.</summary>
    /// <param name="message">Which ranges, and what to do.</param>
    /// <param name="innerException">The cause.</param>
    public RegistrationOverlapException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
