namespace MmuNotifier.Registration;

/// <summary>
/// A provider that can keep the rest of a registration when a hole is made into the memory. Without it the registration goes as a whole,
/// and the rest is registered anew when it is asked for.
/// </summary>
/// <typeparam name="TRegistration">What a registration is to its users.</typeparam>
public interface ISplittingRegistrationProvider<TRegistration> : IRegistrationProvider<TRegistration>
{
    /// <summary>
    /// Makes a registration of a part that has not changed since the whole was registered, without looking at the memory again: from the
    /// same pinned pages, say. The whole stays as it is, and is released when nobody uses it any more, perhaps long after the part.
    /// </summary>
    /// <param name="registration">The whole.</param>
    /// <param name="range">What the whole covers, bounds inclusive.</param>
    /// <param name="rest">The part, bounds inclusive.</param>
    /// <param name="part">The registration of the part, to be released for itself.</param>
    /// <returns>False if it cannot; the part is then registered anew when it is asked for.</returns>
    bool TrySplit(TRegistration registration, AddressRange range, AddressRange rest, out TRegistration part);
}
