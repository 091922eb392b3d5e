using System.Runtime.InteropServices;
using MmuNotifier.IoUring;
using MmuNotifier.Registration;

namespace MmuNotifier.Tool.Churn;

/// <summary>The right program: every transfer asks the cache.</summary>
internal sealed class CachedBuffers(SafeHandle ring, IMemoryWatch watch) : IBufferSource
{
    private readonly IoUringBufferRegistry _registry = new(ring, watch, slots: 256);

    public long Hits => _registry.Cache.Metrics.Hits;

    public int Use(AddressRange range, Func<int, int> transfer)
    {
        using RegistrationLease<int> lease = _registry.Get(range);
        return transfer(lease.Registration);
    }

    public void Dispose() => _registry.Dispose();
}
