namespace MmuNotifier;

/// <content>Read sections.</content>
public abstract partial class IntervalNotifier
{
    private int _gate = Gate.NotInserted.Bits;

    internal WaiterQueue ReadWaiters;

    internal Gate Gate
    {
        get => new(Volatile.Read(ref _gate));
        set => Volatile.Write(ref _gate, value.Bits);
    }

    /// <summary>As <see cref="ReadBegin(CancellationToken)"/>, for a wait that is not given up.</summary>
    /// <exception cref="InvalidOperationException">The notifier was never inserted.</exception>
    public ReadSection ReadBegin() => ReadBegin(CancellationToken.None);

    /// <summary>
    /// Begins a read section over the whole range; waits for the end of active invalidations that meet it
    /// (<c>mmu_interval_read_begin</c>). Never waits for any other invalidation.
    /// </summary>
    /// <param name="cancellationToken">Gives up the wait; nothing is left behind.</param>
    /// <returns>The section; look at its <see cref="ReadSection.Status"/>: a removed notifier or an exited space is told without waiting.</returns>
    /// <remarks>
    /// Not from inside a callback, second step or <see cref="Notifier.Released"/> of the same space, and not under a lock that such a
    /// callback takes: use <see cref="TryReadBegin()"/> there.
    /// </remarks>
    /// <exception cref="InvalidOperationException">The notifier was never inserted.</exception>
    /// <exception cref="OperationCanceledException">The wait was given up.</exception>
    public ReadSection ReadBegin(CancellationToken cancellationToken)
    {
        long sequence = Sequence;
        return Gate.IsOpen
            ? new ReadSection(this, sequence, null, 0)
            : RequireSpace().ReadBegin(this, null, null, cancellationToken);
    }

    /// <summary>
    /// Begins a read section over a part of the range; waits only for active invalidations that meet the part and do not come from
    /// <paramref name="origin"/>.
    /// </summary>
    /// <param name="part">What the section will read, bounds inclusive; inside the notifier's range.</param>
    /// <param name="origin">Set if the section itself will cause an invalidation, for which it must not retry.</param>
    /// <param name="cancellationToken">Gives up the wait; nothing is left behind.</param>
    /// <returns>The section; its status is <see cref="ReadStatus.OutOfRange"/> if the part is not inside the notifier's range.</returns>
    /// <remarks>A retry may be told needlessly, for an invalidation elsewhere in the same notifier, but never missed.</remarks>
    /// <exception cref="InvalidOperationException">The notifier was never inserted.</exception>
    /// <exception cref="OperationCanceledException">The wait was given up.</exception>
    public ReadSection ReadBegin(AddressRange part, InvalidationOrigin? origin = null, CancellationToken cancellationToken = default) =>
        TryOpenFast(part, origin, out ReadSection section) ? section : RequireSpace().ReadBegin(this, part, origin, cancellationToken);

    /// <summary>As <see cref="ReadBegin()"/>, awaitable.</summary>
    /// <exception cref="InvalidOperationException">The notifier was never inserted.</exception>
    public ValueTask<ReadSection> ReadBeginAsync() => ReadBeginAsync(CancellationToken.None);

    /// <summary>As <see cref="ReadBegin(CancellationToken)"/>, awaitable.</summary>
    /// <param name="cancellationToken">Gives up the wait; nothing is left behind.</param>
    /// <exception cref="InvalidOperationException">The notifier was never inserted.</exception>
    public ValueTask<ReadSection> ReadBeginAsync(CancellationToken cancellationToken)
    {
        long sequence = Sequence;
        return Gate.IsOpen
            ? new ValueTask<ReadSection>(new ReadSection(this, sequence, null, 0))
            : RequireSpace().ReadBeginAsync(this, null, null, cancellationToken);
    }

    /// <summary>As <see cref="ReadBegin(AddressRange, InvalidationOrigin?, CancellationToken)"/>, awaitable.</summary>
    /// <param name="part">What the section will read, bounds inclusive; inside the notifier's range.</param>
    /// <param name="origin">Set if the section itself will cause an invalidation, for which it must not retry.</param>
    /// <param name="cancellationToken">Gives up the wait; nothing is left behind.</param>
    /// <exception cref="InvalidOperationException">The notifier was never inserted.</exception>
    public ValueTask<ReadSection> ReadBeginAsync(
        AddressRange part, InvalidationOrigin? origin = null, CancellationToken cancellationToken = default) =>
        TryOpenFast(part, origin, out ReadSection section)
            ? new ValueTask<ReadSection>(section)
            : RequireSpace().ReadBeginAsync(this, part, origin, cancellationToken);

    /// <summary>
    /// Begins a read section over the whole range if that needs no wait, else says <see cref="ReadStatus.Invalidating"/>. May be called
    /// anywhere, also inside any callback.
    /// </summary>
    /// <exception cref="InvalidOperationException">The notifier was never inserted.</exception>
    public ReadSection TryReadBegin()
    {
        long sequence = Sequence;
        return Gate.IsOpen ? new ReadSection(this, sequence, null, 0) : RequireSpace().TryReadBegin(this, null, null);
    }

    /// <summary>
    /// Begins a read section over a part of the range if that needs no wait, else says <see cref="ReadStatus.Invalidating"/>. May be
    /// called anywhere, also inside any callback.
    /// </summary>
    /// <param name="part">What the section will read, bounds inclusive; inside the notifier's range.</param>
    /// <param name="origin">Set if the section itself will cause an invalidation, for which it must not retry.</param>
    /// <exception cref="InvalidOperationException">The notifier was never inserted.</exception>
    public ReadSection TryReadBegin(AddressRange part, InvalidationOrigin? origin = null) =>
        TryOpenFast(part, origin, out ReadSection section) ? section : RequireSpace().TryReadBegin(this, part, origin);

    /// <summary>
    /// Opens a section without the lock. Reads sequence, gate, range, in this order: what an edit writes in the opposite one. A torn range
    /// can only come with the old sequence; taken for too small it is looked at again under the lock, taken for large enough the section
    /// retries.
    /// </summary>
    private bool TryOpenFast(AddressRange part, InvalidationOrigin? origin, out ReadSection section)
    {
        int binding = origin?.Bind(this) ?? 0;
        long sequence = Sequence;
        if (Gate.IsOpen && Volatile.Read(ref _start) <= part.Start && part.Last <= Volatile.Read(ref _last))
        {
            section = new ReadSection(this, sequence, origin, binding);
            return true;
        }

        section = default;
        return false;
    }
}
