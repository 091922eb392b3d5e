namespace MmuNotifier;

/// <content>Find.</content>
public sealed partial class AddressSpace
{
    /// <summary>
    /// Yields the notifiers that meet a range, in ascending order of start, each held while the caller looks at it: its
    /// <see cref="Notifier.Released"/> does not come meanwhile. One that is being removed is not found. May be called anywhere.
    /// </summary>
    /// <param name="range">Where to look, in bytes, bounds inclusive.</param>
    /// <returns>To be used in a foreach, which lets the last one go also when it is left early.</returns>
    /// <remarks>
    /// The space may change between two steps: each step continues behind the position of the former one. A notifier that is moved
    /// meanwhile may so be seen twice or not at all; one that stays is seen once.
    /// </remarks>
    public FindEnumerator Find(AddressRange range) => new(this, range);

    /// <summary>Steps from a place to the next notifier; the default place is before the first, because stamps begin at 1.</summary>
    internal IntervalNotifier? FindAndHold(AddressRange range, ref TreePlace after)
    {
        using (_lock.Hold())
        {
            IntervalNotifier? found = _tree.FindNext(range, after);
            if (found is null)
                return null;
            after = found.TreePlace;
            found.FindHolds++;
            return found;
        }
    }

    internal void LetGo(IntervalNotifier notifier)
    {
        using (_lock.Hold())
        {
            if (--notifier.FindHolds == 0 && notifier.State == NotifierState.Quiet)
                ReleaseIfUnheld(notifier);
        }
    }
}
