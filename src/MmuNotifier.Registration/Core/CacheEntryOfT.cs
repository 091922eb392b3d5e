namespace MmuNotifier.Registration;

/// <summary>An entry with what the provider made.</summary>
internal sealed class CacheEntry<TRegistration>(AddressRange range) : CacheEntry(range)
{
    /// <summary>Written before the entry becomes valid or its lease is given out.</summary>
    public TRegistration Registration = default!;

    public RegistrationCache<TRegistration> Cache => ((EntryNotifier<TRegistration>)Notifier).Cache;
}
