using System.Runtime.CompilerServices;

namespace MmuNotifier;

/// <content>The objects for invalidations, those in use among them, and how everybody finds these.</content>
public sealed partial class AddressSpace
{
    /// <summary>
    /// All objects that can be in use, the newest first. Changed under the engine lock; read without it. Who stands at one that is taken
    /// out in between continues from there: it still leads to all that were behind it, and what comes in comes in front.
    /// </summary>
    private AtomicReference<ActiveInvalidation> _firstRegistered;

    /// <summary>How many objects can be in use: what an edit looks at.</summary>
    internal int RegisteredCount
    {
        get
        {
            int count = 0;
            for (ActiveInvalidation? active = _firstRegistered.Read(); active is not null; active = active.NextRegistered)
                count++;
            return count;
        }
    }

    /// <summary>How many of them are in use now. For the debugger.</summary>
    private int ActiveCount
    {
        get
        {
            int count = 0;
            for (ActiveInvalidation? active = _firstRegistered.Read(); active is not null; active = active.NextRegistered)
                count += active.State.IsActive ? 1 : 0;
            return count;
        }
    }

    /// <summary>By <see cref="ThreadIndex"/>. Replaced under the engine lock when it grows; read without it.</summary>
    private InvalidationPool?[] _pools = [];

    /// <summary>An idle object for the calling thread.</summary>
    private ActiveInvalidation Take()
    {
        int thread = ThreadIndex.Current;
        InvalidationPool?[] pools = _pools;
        return (uint)thread < (uint)pools.Length && pools[thread] is { } pool ? pool.Take() : MakePool(thread).Take();
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private InvalidationPool MakePool(int thread)
    {
        var pool = new InvalidationPool(this, thread);
        ThreadEnd.Own(pool);
        using (_lock.Hold())
        {
            if (thread >= _pools.Length)
            {
                var grown = new InvalidationPool?[Math.Max(thread + 1, _pools.Length * 2)];
                _pools.CopyTo(grown, 0);
                Volatile.Write(ref _pools, grown);
            }

            return _pools[thread] = pool;
        }
    }

    /// <summary>Makes a new object known to everybody, before its first use.</summary>
    internal ActiveInvalidation Register(ActiveInvalidation invalidation)
    {
        using (_lock.Hold())
            return RegisterLocked(invalidation);
    }

    internal ActiveInvalidation RegisterLocked(ActiveInvalidation invalidation)
    {
        _lock.AssertHeld();
        ActiveInvalidation? next = _firstRegistered.ReadRelaxed();
        invalidation.NextRegistered = next;
        next?.PreviousRegistered = invalidation;
        _firstRegistered.Write(invalidation);
        return invalidation;
    }

    /// <summary>Takes an object out that nobody uses, or will again.</summary>
    internal void Unregister(ActiveInvalidation invalidation)
    {
        _lock.AssertHeld();
        ActiveInvalidation? next = invalidation.NextRegistered;
        if (invalidation.PreviousRegistered is { } previous)
            previous.NextRegistered = next;
        else
            _firstRegistered.Write(next);
        next?.PreviousRegistered = invalidation.PreviousRegistered;
        invalidation.PreviousRegistered = null;
    }

    /// <summary>See <see cref="InvalidationPool"/>.</summary>
    internal ActiveInvalidation PutAside(InvalidationPool pool, ActiveInvalidation near)
    {
        using (_lock.Hold())
            return pool.PutAside(near);
    }

    /// <summary>A thread has ended, and nobody has its number: its pool is not taken from any more.</summary>
    internal void GiveUpPoolOf(int thread)
    {
        using (_lock.Hold())
        {
            if (thread >= _pools.Length || _pools[thread] is not { } pool)
                return;
            _pools[thread] = null;
            pool.GiveUpLocked();
        }
    }

    /// <summary>
    /// An active invalidation that meets a range and was not caused by the section itself; null if there is none. Needs no lock. The caller
    /// has made a full fence after it made itself known (a word that was observed, an edit that was begun).
    /// </summary>
    /// <remarks>
    /// One look at each object is enough. An invalidation that is published after the look at its object has its fence after the caller's,
    /// and so sees what the caller made known. If the generation has moved between the looks, the one that was active has ended.
    /// </remarks>
    internal ActiveInvalidation? FindActive(AddressRange range, long originSection, out long generation)
    {
        for (ActiveInvalidation? active = _firstRegistered.Read(); active is not null; active = active.NextRegistered)
        {
            ActiveState state = active.State;
            if (!state.IsActive)
                continue;
            ulong start = active.Start;
            ulong last = active.Last;
            long origin = active.OriginSection;
            if (start > range.Last || last < range.Start || InvalidationOrigin.Exempts(origin, originSection))
                continue;
            if (active.State.Generation == state.Generation)
            {
                generation = state.Generation;
                return active;
            }
        }

        generation = 0;
        return null;
    }

    /// <summary>
    /// Whether the walk of an active invalidation still reads a leaf. Inside an edit: a start that it does not find begins again, because
    /// the version has moved.
    /// </summary>
    private bool IsBeingWalked(LeafNode leaf)
    {
        for (ActiveInvalidation? active = _firstRegistered.Read(); active is not null; active = active.NextRegistered)
        {
            if (active.State.IsActive && active.IsWalking(leaf))
                return true;
        }

        return false;
    }
}
