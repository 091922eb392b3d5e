using System.Runtime.CompilerServices;

namespace MmuNotifier;

/// <summary>
/// The active invalidations of an address space: the objects for them, in a pool for each thread that starts some, and how everybody finds
/// those in use.
/// </summary>
/// <remarks>Both fields are written under the engine lock and read without it.</remarks>
internal sealed class ActiveInvalidations(AddressSpace space, EngineLock engineLock)
{
    /// <summary>
    /// All objects that can be in use, the newest first. A thread at one that is taken out in between continues from there: it still leads
    /// to all that were behind it, and what comes in comes in front.
    /// </summary>
    private AtomicReference<ActiveInvalidation> _first;

    /// <summary>By <see cref="ThreadIndex"/>. Replaced when it grows.</summary>
    private InvalidationPool?[] _pools = [];

    /// <summary>How many objects can be in use: what an edit looks at.</summary>
    public int RegisteredCount
    {
        get
        {
            int count = 0;
            foreach (ActiveInvalidation _ in this)
                count++;
            return count;
        }
    }

    /// <summary>How many of them are in use now. For the debugger.</summary>
    public int Count
    {
        get
        {
            int count = 0;
            foreach (ActiveInvalidation invalidation in this)
                count += invalidation.State.IsActive ? 1 : 0;
            return count;
        }
    }

    /// <summary>An idle object for the calling thread.</summary>
    public ActiveInvalidation Take()
    {
        int thread = ThreadIndex.Current;
        InvalidationPool?[] pools = _pools;
        return (uint)thread < (uint)pools.Length && pools[thread] is { } pool ? pool.Take() : MakePool(thread).Take();
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private InvalidationPool MakePool(int thread)
    {
        var pool = new InvalidationPool(space, thread);
        ThreadEnd.Own(pool);
        using (engineLock.Hold())
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
    public ActiveInvalidation Register(ActiveInvalidation invalidation)
    {
        using (engineLock.Hold())
            return RegisterLocked(invalidation);
    }

    public ActiveInvalidation RegisterLocked(ActiveInvalidation invalidation)
    {
        engineLock.AssertHeld();
        ActiveInvalidation? next = _first.ReadRelaxed();
        invalidation.NextRegistered = next;
        next?.PreviousRegistered = invalidation;
        _first.Write(invalidation);
        return invalidation;
    }

    /// <summary>Takes an object out that nobody uses, or will again.</summary>
    public void Unregister(ActiveInvalidation invalidation)
    {
        engineLock.AssertHeld();
        ActiveInvalidation? next = invalidation.NextRegistered;
        if (invalidation.PreviousRegistered is { } previous)
            previous.NextRegistered = next;
        else
            _first.Write(next);
        next?.PreviousRegistered = invalidation.PreviousRegistered;
        invalidation.PreviousRegistered = null;
    }

    /// <summary>See <see cref="InvalidationPool"/>.</summary>
    public ActiveInvalidation PutAside(InvalidationPool pool, ActiveInvalidation near)
    {
        using (engineLock.Hold())
            return pool.PutAside(near);
    }

    /// <summary>A thread has ended, and nobody has its number: its pool is not taken from any more.</summary>
    public void GiveUpPoolOf(int thread)
    {
        using (engineLock.Hold())
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
    public ActiveInvalidation? Find(AddressRange range, long originSection, out long generation)
    {
        foreach (ActiveInvalidation invalidation in this)
        {
            ActiveState state = invalidation.State;
            if (!state.IsActive)
                continue;
            ulong start = invalidation.Start;
            ulong last = invalidation.Last;
            long origin = invalidation.OriginSection;
            if (start > range.Last || last < range.Start || InvalidationOrigin.Exempts(origin, originSection))
                continue;
            if (invalidation.State.Generation == state.Generation)
            {
                generation = state.Generation;
                return invalidation;
            }
        }

        generation = 0;
        return null;
    }

    /// <summary>The range of an active invalidation that the calling thread started, and that such a section collides with.</summary>
    public AddressRange? FindOwn(AddressRange read, long originSection)
    {
        int thread = ThreadIndex.Current;
        InvalidationPool?[] pools = _pools;
        if (thread >= pools.Length || pools[thread] is not { } pool)
            return null;
        foreach (ActiveInvalidation invalidation in this)
        {
            ActiveState state = invalidation.State;
            if (!ReferenceEquals(invalidation.Pool, pool) || !state.IsActive)
                continue;
            AddressRange range = invalidation.Range; // Only this thread writes it.
            bool isMet = range.Overlaps(read) && !InvalidationOrigin.Exempts(invalidation.OriginSection, originSection);
            if (isMet && invalidation.State.Generation == state.Generation)
                return range;
        }

        return null;
    }

    /// <summary>The ranges of the active invalidations of one thread.</summary>
    public IEnumerable<AddressRange> FindOpenOf(InvalidationPool pool)
    {
        foreach (ActiveInvalidation invalidation in this)
        {
            if (ReferenceEquals(invalidation.Pool, pool) && invalidation.State.IsActive)
                yield return invalidation.Range;
        }
    }

    /// <summary>Whether any is active. Inside an edit: a start that it does not find begins again, because the version has moved.</summary>
    public bool HasAny()
    {
        engineLock.AssertHeld();
        foreach (ActiveInvalidation invalidation in this)
        {
            if (invalidation.State.IsActive)
                return true;
        }

        return false;
    }

    /// <summary>Whether an active one owes a call to a notifier that it met at a place. Inside an edit, as above.</summary>
    public bool HasMet(IntervalNotifier notifier, TreePlace place)
    {
        engineLock.AssertHeld();
        foreach (ActiveInvalidation invalidation in this)
        {
            if (invalidation.State.IsActive && invalidation.FindHit(notifier, place) >= 0)
                return true;
        }

        return false;
    }

    /// <summary>Whether the walk of an active one still reads a leaf. Inside an edit, as above.</summary>
    public bool IsBeingWalked(LeafNode leaf)
    {
        engineLock.AssertHeld();
        foreach (ActiveInvalidation invalidation in this)
        {
            if (invalidation.State.IsActive && invalidation.IsWalking(leaf))
                return true;
        }

        return false;
    }

    /// <summary>All objects that can be in use, also those that are idle now.</summary>
    public Enumerator GetEnumerator() => new(_first.Read());

    public struct Enumerator(ActiveInvalidation? first)
    {
        private ActiveInvalidation? _next = first;

        public ActiveInvalidation Current { get; private set; } = null!;

        public bool MoveNext()
        {
            if (_next is not { } current)
                return false;
            Current = current;
            _next = current.NextRegistered;
            return true;
        }
    }
}
