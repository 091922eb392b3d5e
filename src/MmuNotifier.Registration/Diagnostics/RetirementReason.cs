namespace MmuNotifier.Registration;

/// <summary>Why a registration was taken out of the cache, if not by an invalidation.</summary>
public enum RetirementReason
{
    /// <summary>By <see cref="RegistrationCache{TRegistration}.Remove"/>, Clear or Dispose.</summary>
    Removed,

    /// <summary>To keep the limits.</summary>
    Evicted,

    /// <summary>A longer one that begins at the same byte took its place.</summary>
    Replaced,

    /// <summary>A look at its pages found that they had changed, without an event.</summary>
    NotIntact,

    /// <summary>The watch failed.</summary>
    WatchFailed,
}
