namespace MmuNotifier.Registration;

/// <summary>An entry with what the provider made.</summary>
internal sealed class CacheEntry<TRegistration> : CacheEntry
{
    /// <summary>Written before the entry becomes valid or its lease is given out.</summary>
    public TRegistration Registration = default!;

    public RegistrationCache<TRegistration> Cache => ((EntryNotifier<TRegistration>)Notifier).Cache;
}
