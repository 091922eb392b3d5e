namespace MmuNotifier;

/// <content>Edits. They take effect at once and may be called anywhere, also inside any callback and under any lock of the user.</content>
public abstract partial class IntervalNotifier
{
    /// <summary>
    /// Gives the notifier another range, whatever it has now. Open sections retry. It collides at once with the active invalidations that
    /// meet the new range, and no longer with those that it left behind.
    /// </summary>
    /// <param name="newRange">The range to have from now on, bounds inclusive.</param>
    /// <returns><see cref="EditResult.Applied"/>, or <see cref="EditResult.AlreadyRemoved"/> if the notifier was removed.</returns>
    /// <exception cref="InvalidOperationException">The notifier was never inserted.</exception>
    public EditResult Move(AddressRange newRange) => RequireSpace().Move(this, expected: null, newRange);

    /// <summary>As <see cref="Move(AddressRange)"/>, if the notifier still has the range that the caller believes.</summary>
    /// <param name="expected">The range that the caller believes the notifier to have.</param>
    /// <param name="newRange">The range to have from now on, bounds inclusive.</param>
    /// <returns><see cref="EditResult.RangeDiffers"/> if it has another one, and nothing is changed.</returns>
    /// <exception cref="InvalidOperationException">The notifier was never inserted.</exception>
    public EditResult Move(AddressRange expected, AddressRange newRange) => RequireSpace().Move(this, expected, newRange);

    /// <summary>
    /// Cuts a hole into the notifier's current range: removes it, shrinks it, or splits it in two, as one atomic step. Two holes cut at
    /// the same moment leave the right pieces. The caller invalidates its own entries in the hole, under its driver lock. The right piece
    /// of a notifier that is marked failed is failed as well: what its callback left behind may lie there.
    /// </summary>
    /// <param name="hole">What the notifier shall no longer cover, bounds inclusive.</param>
    /// <param name="createRight">
    /// Makes the notifier for what is right of the hole; called at most once, only when a split is needed, with no lock of the engine
    /// held. What it made is inserted, or dropped if another edit made the split unnecessary.
    /// </param>
    /// <returns>What was done.</returns>
    /// <exception cref="InvalidOperationException">The notifier was never inserted.</exception>
    /// <exception cref="OutOfMemoryException">As in <see cref="AddressSpace.Insert(IntervalNotifier, AddressRange)"/>; nothing was
    /// cut.</exception>
    public CutResult Cut(AddressRange hole, Func<IntervalNotifier> createRight)
    {
        ArgumentNullException.ThrowIfNull(createRight);
        return Cut(hole, createRight, static create => create());
    }

    /// <summary>As <see cref="Cut(AddressRange, Func{IntervalNotifier})"/>, without a closure.</summary>
    /// <typeparam name="TState">The type of what the function needs.</typeparam>
    /// <param name="hole">What the notifier shall no longer cover, bounds inclusive.</param>
    /// <param name="state">What <paramref name="createRight"/> is called with.</param>
    /// <param name="createRight">Makes the notifier for what is right of the hole, when a split is needed. Called under no lock of the engine.</param>
    /// <exception cref="InvalidOperationException">As in <see cref="Cut(AddressRange, Func{IntervalNotifier})"/>.</exception>
    public CutResult Cut<TState>(AddressRange hole, TState state, Func<TState, IntervalNotifier> createRight)
    {
        ArgumentNullException.ThrowIfNull(createRight);
        AddressSpace space = RequireSpace();
        IntervalNotifier? right = null;
        while (true)
        {
            CutResult result = space.TryCut(this, hole, right, out bool needsRight);
            if (!needsRight)
                return result;
            right = createRight(state) ?? throw new InvalidOperationException("createRight must return a notifier.");
            space.Prepare(right);
        }
    }
}
