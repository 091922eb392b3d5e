namespace MmuNotifier.Registration;

/// <summary>
/// Entries made some at a time, so that they lie together: a hit touches its entry, and among all else that is made with each of them few entries
/// would share a page, more pages than the processor remembers translations of. Any thread; the lock is a leaf.
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
