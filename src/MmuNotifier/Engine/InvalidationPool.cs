using System.Runtime.CompilerServices;

namespace MmuNotifier;

/// <summary>
/// The objects for invalidations that one thread starts on one address space. Only the owner takes one; whoever ends an invalidation makes
/// its object idle, and that is all that it takes to give it back.
/// </summary>
internal sealed class InvalidationPool
{
    /// <summary>How many others are looked at before one more is made. Those in use are rarely more than the calls that are nested.</summary>
    private const int LooksLimit = 64;

    private readonly List<ActiveInvalidation> _all = [];
    private ActiveInvalidation _last;
    private int _lastIndex;

    public InvalidationPool(AddressSpace space, int ownerIndex)
    {
        Space = space;
        OwnerIndex = ownerIndex;
        _last = Make();
    }

    public AddressSpace Space { get; }

    /// <summary>See <see cref="ThreadIndex"/>. A new thread with the number of an ended one takes its pools over.</summary>
    public int OwnerIndex { get; }

    /// <summary>Called by the owner. The object is idle, and stays so until the owner publishes it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ActiveInvalidation Take() => _last.State.IsIdle ? _last : TakeAnother();

    private ActiveInvalidation TakeAnother()
    {
        for (int looks = Math.Min(_all.Count - 1, LooksLimit); looks > 0; looks--)
        {
            _lastIndex = _lastIndex + 1 == _all.Count ? 0 : _lastIndex + 1;
            if (_all[_lastIndex].State.IsIdle)
                return _last = _all[_lastIndex];
        }

        return _last = Make();
    }

    private ActiveInvalidation Make()
    {
        ActiveInvalidation made = Space.Register(new ActiveInvalidation(this));
        _lastIndex = _all.Count;
        _all.Add(made);
        return made;
    }
}
