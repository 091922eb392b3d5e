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
    /// The space may change between two steps: each step continues behind the position of the former one. A notifier that stays is seen
    /// once. One that is inserted meanwhile, or moved to another start, is not seen from then on: so a find comes to an end, also if its
    /// caller moves what it finds ahead of itself.
    /// Cost: each step is logarithmic in the notifiers.
    /// </remarks>
    public FindEnumerator Find(AddressRange range) => new(this, range);

    /// <summary>
    /// Finds the first notifier that meets a range, in ascending order of start, and holds it: its <see cref="Notifier.Released"/> does not
    /// come before <paramref name="held"/> is disposed. One that is being removed is not found. May be called anywhere. Logarithmic.
    /// </summary>
    /// <param name="range">Where to look, in bytes, bounds inclusive.</param>
    /// <param name="held">The notifier, to be disposed; <c>default</c>, with nothing to dispose, if there is none.</param>
    /// <returns>Whether there is one.</returns>
    public bool TryFindFirst(AddressRange range, out HeldNotifier held)
    {
        FindHold hold = default;
        FindPosition position = default;
        Step(ref hold, range, ref position);
        held = hold.Slot is null ? default : new HeldNotifier(this, hold);
        return hold.Slot is not null;
    }

    /// <summary>As <see cref="TryFindFirst(AddressRange, out HeldNotifier)"/>, of the notifiers that cover one byte.</summary>
    /// <param name="address">A byte address.</param>
    /// <param name="held">The notifier, to be disposed; <c>default</c>, with nothing to dispose, if there is none.</param>
    /// <returns>Whether there is one.</returns>
    public bool TryFindFirst(ulong address, out HeldNotifier held) => TryFindFirst(new AddressRange(address, address), out held);

    /// <summary>
    /// Lets a hold go and steps to the next notifier that was there, with its start, when the find began.
    /// </summary>
    /// <param name="hold">
    /// The hold that the find has, or none; then the one on the next notifier, or none if there is no further one.
    /// </param>
    /// <param name="range">Where to look.</param>
    /// <param name="position">Where the find is.</param>
    internal void Step(ref FindHold hold, AddressRange range, ref FindPosition position)
    {
        while (true)
        {
            using (_lock.Hold())
            {
                _findHolds.End(hold);
                hold = default;
                position.BeginAt(_tree.LastStamp);
                IntervalNotifier? found = _tree.FindNext(range, position.Place);
                if (found is null)
                    return;
                position.Pass(found);
                if (position.Covers(found))
                {
                    hold = _findHolds.Take(found);
                    return;
                }
            }
        }
    }

    internal void LetGo(FindHold hold)
    {
        if (hold.Slot is null)
            return;
        using (_lock.Hold())
            _findHolds.End(hold);
    }
}
