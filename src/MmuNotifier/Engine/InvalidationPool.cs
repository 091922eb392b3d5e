using System.Numerics;

namespace MmuNotifier;

/// <summary>
/// The objects for invalidations that one thread starts on one address space. Its owner takes them without an interlocked operation; any
/// thread gives them back. More than 64 at a time continue in the next pool of the same thread.
/// </summary>
internal sealed class InvalidationPool(AddressSpace space, int ownerIndex)
{
    private const int Capacity = 64;

    private readonly ActiveInvalidation?[] _invalidations = new ActiveInvalidation?[Capacity];
    private InvalidationPool? _next;

    /// <summary>One bit for each object that is free. The owner's alone.</summary>
    private ulong _free = ulong.MaxValue;

    /// <summary>One bit for each object that another thread gave back and the owner has not taken over.</summary>
    private AtomicInt64 _returned;

    public AddressSpace Space { get; } = space;

    /// <summary>See <see cref="ThreadIndex"/>. A new thread with the number of an ended one takes its pools over.</summary>
    public int OwnerIndex { get; } = ownerIndex;

    /// <summary>Called by the owner. The object is idle, and stays so until the owner publishes it.</summary>
    public ActiveInvalidation Take()
    {
        if (_free == 0)
            return TakeWhenEmpty();
        int index = BitOperations.TrailingZeroCount(_free);
        _free &= _free - 1;
        return _invalidations[index] ??= Space.Register(new ActiveInvalidation(this, index));
    }

    /// <summary>Gives an idle object back.</summary>
    public void Return(ActiveInvalidation invalidation)
    {
        ulong bit = 1UL << invalidation.IndexInPool;
        if (ThreadIndex.Current == OwnerIndex)
        {
            _free |= bit;
            return;
        }

        long old = _returned.ReadRelaxed();
        while (true)
        {
            long seen = _returned.CompareExchange(old | (long)bit, old);
            if (seen == old)
                return;
            old = seen;
        }
    }

    private ActiveInvalidation TakeWhenEmpty()
    {
        _free = (ulong)_returned.Exchange(0);
        return _free != 0 ? Take() : (_next ??= new InvalidationPool(Space, OwnerIndex)).Take();
    }
}
