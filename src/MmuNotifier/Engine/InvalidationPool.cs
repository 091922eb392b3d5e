using System.Runtime.CompilerServices;

namespace MmuNotifier;

/// <summary>
/// The objects for invalidations that one thread starts on one address space. Only the owner takes one; the thread that ends an
/// invalidation makes its object idle.
/// </summary>
/// <remarks>
/// <code>
///                    all near ones are in use: one is put aside                    its end
/// near (a few) ◀────────────────────────────────────────────────▶ aside ─────────────────▶ spare, or dropped
///                    an idle one takes its place: a spare or a new one
/// </code>
/// The owner looks for idle ones among the near ones only, so that to start costs the same however many of its invalidations are open. An
/// end of a near one is one step of its state; one that was put aside takes the engine lock at its end, to go to the spares. There are at
/// most half as many spares as are aside: those of a peak that is over are dropped.
/// </remarks>
internal sealed class InvalidationPool : IThreadOwned
{
    private readonly ActiveInvalidation[] _near = new ActiveInvalidation[Bounds.NearInvalidations];

    // The owner's, until the pool is given up.
    private ActiveInvalidation _last;
    private int _lastIndex;
    private int _nearCount = 1;

    // Guarded by the engine lock.
    private ActiveInvalidation? _firstSpare;
    private int _spareCount;
    private int _asideCount;
    private bool _isGivenUp;

    public InvalidationPool(AddressSpace space, int ownerIndex)
    {
        Space = space;
        OwnerIndex = ownerIndex;
        _last = _near[0] = Space.Active.Register(new ActiveInvalidation(this));
    }

    public AddressSpace Space { get; }

    /// <summary>See <see cref="ThreadIndex"/>.</summary>
    public int OwnerIndex { get; }

    /// <summary>Called by the owner. The object is idle, and stays so until the owner publishes it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ActiveInvalidation Take() => _last.State.IsIdle ? _last : TakeAnother();

    /// <summary>The owner has ended.</summary>
    public void GiveUp()
    {
        if (MisuseValidation.IsEnabled)
            OpenScopes.TellOf(Space.Active.FindOpenOf(this));
        Space.Active.GiveUpPoolOf(OwnerIndex);
    }

    /// <summary>An idle object in place of a near one, which is that itself if it has become idle.</summary>
    public ActiveInvalidation PutAside(ActiveInvalidation near)
    {
        Space.AssertLocked();
        if (!near.TryPutAside())
            return near;
        _asideCount++;
        if (_firstSpare is not { } spare)
            return Space.Active.RegisterLocked(new ActiveInvalidation(this));
        _firstSpare = spare.NextSpare;
        spare.NextSpare = null;
        _spareCount--;
        return spare;
    }

    /// <summary>The end of one that was put aside. Nobody uses it.</summary>
    public void TakeBack(ActiveInvalidation ended)
    {
        Space.AssertLocked();
        _asideCount--;
        ended.NextSpare = _firstSpare;
        _firstSpare = ended;
        _spareCount++;
        DropSpares(atMost: _isGivenUp ? 0 : (_asideCount / 2) + 1);
    }

    /// <summary>When nobody can take from the pool any more: what is in use is dropped at its end.</summary>
    public void GiveUpLocked()
    {
        Space.AssertLocked();
        _isGivenUp = true;
        for (int i = 0; i < _nearCount; i++)
        {
            if (_near[i].TryPutAside())
                _asideCount++;
            else
                Space.Active.Unregister(_near[i]);
        }

        DropSpares(atMost: 0);
    }

    private void DropSpares(int atMost)
    {
        for (; _spareCount > atMost; _spareCount--)
        {
            ActiveInvalidation dropped = _firstSpare!;
            _firstSpare = dropped.NextSpare;
            Space.Active.Unregister(dropped);
        }
    }

    private ActiveInvalidation TakeAnother()
    {
        for (int looks = 0; looks < _nearCount; looks++)
        {
            Advance();
            if (_near[_lastIndex].State.IsIdle)
                return _last = _near[_lastIndex];
        }

        if (_nearCount < _near.Length)
        {
            _lastIndex = _nearCount;
            _near[_nearCount++] = Space.Active.Register(new ActiveInvalidation(this));
        }
        else
        {
            Advance(); // Not the one that was taken last: that ends first, more often than not.
            _near[_lastIndex] = Space.Active.PutAside(this, _near[_lastIndex]);
        }

        return _last = _near[_lastIndex];
    }

    private void Advance() => _lastIndex = _lastIndex + 1 == _nearCount ? 0 : _lastIndex + 1;
}
