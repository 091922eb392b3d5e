namespace MmuNotifier.Registration;

/// <summary>
/// Makes entries some at a time, so that they lie together. A hit touches its entry; entries that were allocated singly would be spread
/// over more pages than the TLB covers. Any thread; the lock is a leaf.
/// </summary>
internal sealed class EntrySupply<TRegistration>
{
    private const int Batch = 64;

    private readonly EngineLock _lock = new();
    private readonly CacheEntry<TRegistration>?[] _made = new CacheEntry<TRegistration>?[Batch];
    private int _count;

    public CacheEntry<TRegistration> Take()
    {
        using (_lock.Hold())
        {
            if (_count == 0)
            {
                for (; _count < Batch; _count++)
                    _made[_count] = new CacheEntry<TRegistration>();
            }

            CacheEntry<TRegistration> taken = _made[--_count]!;
            _made[_count] = null;
            return taken;
        }
    }
}
