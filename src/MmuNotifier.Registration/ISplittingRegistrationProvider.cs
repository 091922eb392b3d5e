namespace MmuNotifier.Registration;

/// <summary>
/// A provider that can keep the rest of a registration when a hole is made in the memory. With another provider, the registration is
/// released as a whole, and the rest is registered again when a caller asks for it.
/// </summary>
/// <typeparam name="TRegistration">What a registration is to its users.</typeparam>
public interface ISplittingRegistrationProvider<TRegistration> : IRegistrationProvider<TRegistration>
{
    /// <summary>
    /// Makes a registration of a part of the memory that has not changed since the whole was registered, without looking at the memory
    /// again: from the same pinned pages, for example. The whole stays as it is. It is released when nobody uses it any more, perhaps long
    /// after the part.
    /// </summary>
    /// <param name="registration">The registration of the whole.</param>
    /// <param name="range">What the whole covers, bounds inclusive.</param>
    /// <param name="partRange">What the part is to cover, bounds inclusive; inside <paramref name="range"/>.</param>
    /// <param name="part">The registration of the part. The cache releases it separately from the whole.</param>
    /// <returns>False if it cannot; the part is then registered when a caller asks for it.</returns>
    bool TrySplit(TRegistration registration, AddressRange range, AddressRange partRange, out TRegistration part);
}
