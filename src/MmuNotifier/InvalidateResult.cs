namespace MmuNotifier;

/// <summary>
/// What a callback answers: done, done up to a second step, or, to a non-blockable invalidation only, that it would block.
/// <c>default</c> is <see cref="Done"/>.
/// </summary>
public readonly struct InvalidateResult : IEquatable<InvalidateResult>
{
    private readonly bool _wouldBlock;
    private readonly ISecondStep? _secondStep;

    private InvalidateResult(bool wouldBlock, ISecondStep? secondStep)
    {
        _wouldBlock = wouldBlock;
        _secondStep = secondStep;
    }

    /// <summary>The overlap is invalidated.</summary>
    public static InvalidateResult Done => default;

    /// <summary>
    /// The callback would have to sleep and <see cref="Invalidation.IsBlockable"/> is false. To a blockable invalidation this answer
    /// is an error of the callback and treated like an exception of it.
    /// </summary>
    public static InvalidateResult WouldBlock => new(wouldBlock: true, null);

    internal bool IsWouldBlock => _wouldBlock;

    internal ISecondStep? SecondStep => _secondStep;

    /// <summary>
    /// The invalidation is begun; <paramref name="secondStep"/> finishes it. It runs on the same thread after the first steps of all
    /// notifiers, also if the invalidation is refused or the notifier is removed meanwhile
    /// (<c>struct mmu_interval_notifier_finish</c> in Linux).
    /// </summary>
    /// <param name="secondStep">The step to run. The notifier itself may implement it, so that nothing is allocated.</param>
    public static InvalidateResult FinishWith(ISecondStep secondStep)
    {
        ArgumentNullException.ThrowIfNull(secondStep);
        return new InvalidateResult(wouldBlock: false, secondStep);
    }

    /// <summary>Whether both answers are the same, with the same second step.</summary>
    /// <param name="other">The answer to compare with.</param>
    public bool Equals(InvalidateResult other) => _wouldBlock == other._wouldBlock && ReferenceEquals(_secondStep, other._secondStep);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is InvalidateResult other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(_wouldBlock, _secondStep);

    /// <summary>Whether both answers are the same.</summary>
    /// <param name="left">One answer.</param>
    /// <param name="right">The other.</param>
    public static bool operator ==(InvalidateResult left, InvalidateResult right) => left.Equals(right);

    /// <summary>Whether the answers differ.</summary>
    /// <param name="left">One answer.</param>
    /// <param name="right">The other.</param>
    public static bool operator !=(InvalidateResult left, InvalidateResult right) => !left.Equals(right);
}
