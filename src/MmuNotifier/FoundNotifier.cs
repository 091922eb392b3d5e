namespace MmuNotifier;

/// <summary>
/// A notifier that a find holds: it is not released until the find continues or ends. Edits are made through it, so that they happen
/// while the hold lasts. A ref struct: it cannot be stored.
/// </summary>
public readonly ref struct FoundNotifier
{
    internal FoundNotifier(IntervalNotifier notifier)
    {
        Notifier = notifier;
    }

    /// <summary>The notifier; do not keep it past the scope of the find.</summary>
    public IntervalNotifier Notifier { get; }

    /// <summary>Its range, bounds inclusive.</summary>
    public AddressRange Range => Notifier.Range;

    /// <summary>As <see cref="Notifier.RemoveDeferred"/>; Released comes when the hold has ended, too.</summary>
    /// <returns>True if this call removed it, false if it was removed before.</returns>
    public bool RemoveDeferred() => Notifier.RemoveDeferred();

    /// <summary>As <see cref="IntervalNotifier.Move(AddressRange)"/>.</summary>
    /// <param name="newRange">The range to have from now on, bounds inclusive.</param>
    public EditResult Move(AddressRange newRange) => Notifier.Move(newRange);

    /// <summary>As <see cref="IntervalNotifier.Move(AddressRange, AddressRange)"/>.</summary>
    /// <param name="expected">The range that the caller believes the notifier to have.</param>
    /// <param name="newRange">The range to have from now on, bounds inclusive.</param>
    public EditResult Move(AddressRange expected, AddressRange newRange) => Notifier.Move(expected, newRange);

    /// <summary>As <see cref="IntervalNotifier.Cut(AddressRange, Func{IntervalNotifier})"/>.</summary>
    /// <param name="hole">What the notifier shall no longer cover, bounds inclusive.</param>
    /// <param name="createRight">Makes the notifier for what is right of the hole, when a split is needed.</param>
    public CutResult Cut(AddressRange hole, Func<IntervalNotifier> createRight) => Notifier.Cut(hole, createRight);

    /// <summary>As <see cref="IntervalNotifier.Cut{TState}(AddressRange, TState, Func{TState, IntervalNotifier})"/>.</summary>
    /// <typeparam name="TState">The type of what the function needs.</typeparam>
    /// <param name="hole">What the notifier shall no longer cover, bounds inclusive.</param>
    /// <param name="state">What <paramref name="createRight"/> is called with.</param>
    /// <param name="createRight">Makes the notifier for what is right of the hole, when a split is needed.</param>
    public CutResult Cut<TState>(AddressRange hole, TState state, Func<TState, IntervalNotifier> createRight) =>
        Notifier.Cut(hole, state, createRight);
}
