namespace MmuNotifier.Registration;

/// <summary>Makes and releases registrations of memory: pins pages, fills slots of an io_uring, makes DMA mappings.</summary>
/// <typeparam name="TRegistration">What a registration is to its users: a key, an index, a handle.</typeparam>
/// <remarks>
/// Every method is called under no lock of the cache or the engine, by any thread and by several at once, and may do anything: allocate,
/// free watched memory, and use the cache.
/// </remarks>
public interface IRegistrationProvider<TRegistration>
{
    /// <summary>Registers memory as it is now.</summary>
    /// <param name="range">What to cover, in bytes, bounds inclusive.</param>
    /// <returns>The registration. It is released exactly once.</returns>
    /// <remarks>An exception goes to the caller of <see cref="RegistrationCache{TRegistration}.Get"/>; nothing is kept.</remarks>
    TRegistration Register(AddressRange range);

    /// <summary>
    /// Whether <see cref="Register"/> failed for want of something that the release of other registrations gives back: locked memory,
    /// slots, keys. The cache then gives up registrations that nobody uses, and calls <see cref="Register"/> again.
    /// </summary>
    /// <param name="exception">What <see cref="Register"/> threw.</param>
    /// <returns>False, if the provider does not implement it: the exception goes to the caller at once.</returns>
    bool IsShortage(Exception exception) => false;

    /// <summary>Releases a registration that nobody uses any more.</summary>
    /// <param name="registration">As made by <see cref="Register"/> or a split.</param>
    /// <param name="range">What it covers, bounds inclusive.</param>
    /// <remarks>An exception is reported by <see cref="RegistrationCache{TRegistration}.ProblemOccurred"/>.</remarks>
    void Release(TRegistration registration, AddressRange range);
}
