using System.Runtime.InteropServices;
using MmuNotifier.IoUring;
using MmuNotifier.Registration;

namespace MmuNotifier.Tool.Churn;

/// <summary>Where the churn gets the buffer for a transfer from: every transfer asks the cache.</summary>
internal sealed class CachedBuffers(SafeHandle ring, IMemoryWatch watch) : IDisposable
{
    private readonly IoUringBufferRegistry _registry = new(ring, watch, slots: 256);

    /// <summary>Lookups that were answered from the cache.</summary>
    internal long Hits => _registry.Cache.Metrics.Hits;

    /// <summary>Does something with the slot of a registered buffer that covers a range.</summary>
    internal int Use(AddressRange range, Func<int, int> transfer)
    {
        using RegistrationLease<int> lease = _registry.Get(range);
        return transfer(lease.Registration);
    }

    public void Dispose() => _registry.Dispose();
}
