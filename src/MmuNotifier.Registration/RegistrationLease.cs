using System.Runtime.CompilerServices;

namespace MmuNotifier.Registration;

/// <summary>
/// The use of a registration: the registration is not released before the lease is disposed. Dispose the lease exactly once, on any thread.
/// Disposing the same lease, or a copy of it, once more is harmless unless it happens at the same time.
/// </summary>
/// <typeparam name="TRegistration">The type of a registration: a key, an index, a handle.</typeparam>
public readonly struct RegistrationLease<TRegistration> : IDisposable
{
    private readonly CacheEntry<TRegistration>? _entry;
    private readonly HoldSlots? _slots;
    private readonly int _index;
    private readonly int _generation;

    internal RegistrationLease(CacheEntry<TRegistration> entry, HoldSlots? slots, int index, int generation)
    {
        _entry = entry;
        _slots = slots;
        _index = index;
        _generation = generation;
    }

    /// <summary>What the provider made.</summary>
    /// <exception cref="InvalidOperationException">This is <c>default</c>.</exception>
    public TRegistration Registration => Entry.Registration;

    /// <summary>What the registration covers, in bytes, bounds inclusive: at least what was asked for.</summary>
    /// <exception cref="InvalidOperationException">This is <c>default</c>.</exception>
    public AddressRange Range => Entry.Range;

    /// <summary>
    /// Whether the cache kept the registration when it gave out the lease; if not, the registration is released with the lease.
    /// </summary>
    public bool IsCached => _slots is not null;

    /// <summary>
    /// Whether the registration may still be given to others: false if it is not cached, and once the cache has taken it out, because a
    /// change of its memory was reported or for another reason. True does not say that no change is under way.
    /// </summary>
    public bool IsValid => _slots is not null && _entry!.IsValid;

    private CacheEntry<TRegistration> Entry =>
        _entry ?? throw new InvalidOperationException("This lease is default: it was never given out.");

    /// <summary>
    /// Ends the use. If the registration is not kept (any more) and this was the last use, the provider's Release runs now, on this thread;
    /// inside a Release, the cache's own thread calls it.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Dispose()
    {
        if (_slots is null)
            _entry?.Cache.EndUncached(_entry);
        else if (_slots.TryClear(_index, _generation) && !_entry!.IsValid)
            EndRetired();
    }

    /// <summary>(6) of the remarks of <see cref="HoldSlots"/>.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private void EndRetired() => _entry!.Cache.EndRetired(_entry);
}
