using System.Diagnostics;

namespace MmuNotifier;

/// <summary>
/// A started invalidation: from its start to its end no read section on a notifier that it meets commits. Dispose it when the change is
/// made (<c>mmu_notifier_invalidate_range_end</c> in Linux).
/// </summary>
/// <remarks>A value; ending it twice, also through copies and on several threads, is harmless. <c>default</c> is ended already.</remarks>
[DebuggerDisplay("{DebuggerText,nq}")]
public readonly struct InvalidationScope : IDisposable, IEquatable<InvalidationScope>
{
    private readonly ActiveInvalidation? _invalidation;
    private readonly long _generation;

    internal InvalidationScope(ActiveInvalidation invalidation)
    {
        _invalidation = invalidation;
        _generation = invalidation.State.Generation;
    }

    private string DebuggerText => _invalidation is { State: { IsActive: true } state } && state.Generation == _generation
        ? $"{_invalidation.Mode.Event} of {_invalidation.Range}"
        : "ended";

    /// <summary>
    /// Ends the invalidation. May be called on another thread than the one that started it and from inside any callback; never waits for
    /// a callback of an interval notifier. Calls the end of every whole-space notifier that got its start, on this thread.
    /// </summary>
    public void Dispose()
    {
        if (_invalidation is not null)
            AddressSpace.EndInvalidation(_invalidation, _generation);
    }

    /// <summary>Whether both stand for the same invalidation.</summary>
    /// <param name="other">The scope to compare with.</param>
    public bool Equals(InvalidationScope other) => ReferenceEquals(_invalidation, other._invalidation) && _generation == other._generation;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is InvalidationScope other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(_invalidation, _generation);

    /// <summary>Whether both stand for the same invalidation.</summary>
    /// <param name="left">One scope.</param>
    /// <param name="right">The other.</param>
    public static bool operator ==(InvalidationScope left, InvalidationScope right) => left.Equals(right);

    /// <summary>Whether they stand for different invalidations.</summary>
    /// <param name="left">One scope.</param>
    /// <param name="right">The other.</param>
    public static bool operator !=(InvalidationScope left, InvalidationScope right) => !left.Equals(right);
}
