using System.Runtime.CompilerServices;

namespace MmuNotifier.Caching.Tests;

public sealed class KeptAliveTests
{
    [Fact]
    public void A_cache_that_nobody_uses_or_disposes_is_collected()
    {
        WeakReference cache = Make();
        Patience.Until(
            () =>
            {
                GC.Collect();
                return !cache.IsAlive;
            },
            "neither the timer nor the meter keeps it");
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static WeakReference Make()
    {
        var cache = new CoherentCache();
        cache.Set("k", 1, null, ["t"]);
        return new WeakReference(cache);
    }
}
