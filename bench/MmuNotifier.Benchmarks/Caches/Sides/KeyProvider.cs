using MmuNotifier.Registration;

namespace MmuNotifier.Benchmarks.Caches.Sides;

/// <summary>Registrations that cost nothing, as those of the peer.</summary>
internal sealed class KeyProvider : IRegistrationProvider<ulong>
{
    public ulong Register(AddressRange range) => range.Start;

    public void Release(ulong registration, AddressRange range)
    {
    }
}
