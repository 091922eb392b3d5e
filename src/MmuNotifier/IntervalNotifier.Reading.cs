using System.Runtime.CompilerServices;

namespace MmuNotifier;

/// <content>Read sections.</content>
public abstract partial class IntervalNotifier
{
    /// <summary>As <see cref="ReadBegin(CancellationToken)"/>, for a wait that is not given up.</summary>
    /// <exception cref="InvalidOperationException">The notifier was never inserted.</exception>
    /// <exception cref="MisuseException">Validation is on, and the call could wait for ever here, although it may not now.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ReadSection ReadBegin() => ReadBegin(CancellationToken.None);

    /// <summary>
    /// Begins a read section over the whole range; waits for the end of active invalidations that meet it
    /// (<c>mmu_interval_read_begin</c>). Never waits for any other invalidation.
    /// </summary>
    /// <param name="cancellationToken">Gives up the wait; nothing is left behind.</param>
    /// <returns>
    /// The section; look at its <see cref="ReadSection.Status"/>: it reports a removed notifier or an exited space without waiting.
    /// </returns>
    /// <remarks>
    /// Not from inside a callback, second step or <see cref="Notifier.Released"/> of the same space, and not under a lock that such a
    /// callback takes: use <see cref="ReadBeginNoWait()"/> there.
    /// Cost: one load while the notifier is open; otherwise a look at each invalidation that is active now.
    /// </remarks>
    /// <exception cref="InvalidOperationException">The notifier was never inserted.</exception>
    /// <exception cref="OperationCanceledException">The wait was given up.</exception>
    /// <exception cref="ThreadInterruptedException">The thread was interrupted in the wait, which is given up as by the token.</exception>
    /// <exception cref="MisuseException">Validation is on, and the call could wait for ever here, although it may not now.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ReadSection ReadBegin(CancellationToken cancellationToken)
    {
        RequireMayCall(WaitingCall.ReadBegin);
        NotifierWord word = Word;
        if (word.IsOpen)
            return new ReadSection(this, word.Sequence);
        return ReadBeginSlowly(default, cancellationToken);
    }

    /// <summary>
    /// Begins a read section over a part of the range; waits only for active invalidations that meet the part and do not come from
    /// <paramref name="origin"/>.
    /// </summary>
    /// <param name="part">What the section will read, bounds inclusive; inside the notifier's range.</param>
    /// <param name="origin">Set if the section itself will cause an invalidation, for which it must not retry.</param>
    /// <param name="cancellationToken">Gives up the wait; nothing is left behind.</param>
    /// <returns>The section; its status is <see cref="ReadStatus.OutOfRange"/> if the part is not inside the notifier's range.</returns>
    /// <remarks>
    /// A section over a part does not retry for invalidations elsewhere in the same notifier; see <see cref="ReadSection.MustRetry"/>. The
    /// first section over a part of a notifier allocates 1 KiB for it.
    /// Cost: one load while the notifier is open; otherwise a look at each invalidation that is active now.
    /// </remarks>
    /// <exception cref="InvalidOperationException">The notifier was never inserted.</exception>
    /// <exception cref="OperationCanceledException">The wait was given up.</exception>
    /// <exception cref="ThreadInterruptedException">The thread was interrupted in the wait, which is given up as by the token.</exception>
    /// <exception cref="MisuseException">Validation is on, and the call could wait for ever here, although it may not now.</exception>
    public ReadSection ReadBegin(AddressRange part, InvalidationOrigin? origin = null, CancellationToken cancellationToken = default)
    {
        RequireMayCall(WaitingCall.ReadBegin);
        if (!TryOpenFast(part, origin, out ReadRequest request, out ReadSection section))
            section = ReadBeginSlowly(request, cancellationToken);
        NamedStep.Note($"read section over {part}: {section.Status}");
        return section;
    }

    /// <summary>As <see cref="ReadBegin()"/>, awaitable.</summary>
    /// <exception cref="InvalidOperationException">The notifier was never inserted.</exception>
    /// <exception cref="MisuseException">
    /// As in <see cref="ReadBegin()"/>: validated on the calling thread, and thrown by the call itself.
    /// </exception>
    public ValueTask<ReadSection> ReadBeginAsync() => ReadBeginAsync(CancellationToken.None);

    /// <summary>As <see cref="ReadBegin(CancellationToken)"/>, awaitable.</summary>
    /// <param name="cancellationToken">Gives up the wait; nothing is left behind.</param>
    /// <exception cref="InvalidOperationException">The notifier was never inserted.</exception>
    /// <exception cref="MisuseException">
    /// As in <see cref="ReadBegin()"/>: validated on the calling thread, and thrown by the call itself.
    /// </exception>
    public ValueTask<ReadSection> ReadBeginAsync(CancellationToken cancellationToken)
    {
        RequireMayCall(WaitingCall.ReadBeginAsync);
        NotifierWord word = Word;
        return word.IsOpen
            ? new ValueTask<ReadSection>(new ReadSection(this, word.Sequence))
            : RequireSpace().ReadBeginAsync(this, default, cancellationToken);
    }

    /// <summary>As <see cref="ReadBegin(AddressRange, InvalidationOrigin?, CancellationToken)"/>, awaitable.</summary>
    /// <param name="part">What the section will read, bounds inclusive; inside the notifier's range.</param>
    /// <param name="origin">Set if the section itself will cause an invalidation, for which it must not retry.</param>
    /// <param name="cancellationToken">Gives up the wait; nothing is left behind.</param>
    /// <exception cref="InvalidOperationException">The notifier was never inserted.</exception>
    /// <exception cref="MisuseException">
    /// As in <see cref="ReadBegin()"/>: validated on the calling thread, and thrown by the call itself.
    /// </exception>
    public ValueTask<ReadSection> ReadBeginAsync(
        AddressRange part, InvalidationOrigin? origin = null, CancellationToken cancellationToken = default)
    {
        RequireMayCall(WaitingCall.ReadBeginAsync);
        return TryOpenFast(part, origin, out ReadRequest request, out ReadSection section)
            ? new ValueTask<ReadSection>(section)
            : RequireSpace().ReadBeginAsync(this, request, cancellationToken);
    }

    /// <summary>
    /// Begins a read section over the whole range if that needs no wait; otherwise the status is <see cref="ReadStatus.Invalidating"/>. May
    /// be called anywhere, also inside any callback.
    /// </summary>
    /// <remarks>Cost: one load while the notifier is open; otherwise a look at each invalidation that is active now.</remarks>
    /// <exception cref="InvalidOperationException">The notifier was never inserted.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ReadSection ReadBeginNoWait()
    {
        NotifierWord word = Word;
        if (word.IsOpen)
            return new ReadSection(this, word.Sequence);
        return ReadBeginNoWaitSlowly(default);
    }

    /// <summary>
    /// Begins a read section over a part of the range if that needs no wait; otherwise the status is <see cref="ReadStatus.Invalidating"/>.
    /// May be called anywhere, also inside any callback.
    /// </summary>
    /// <remarks>Cost: one load while the notifier is open; otherwise a look at each invalidation that is active now.</remarks>
    /// <param name="part">What the section will read, bounds inclusive; inside the notifier's range.</param>
    /// <param name="origin">Set if the section itself will cause an invalidation, for which it must not retry.</param>
    /// <exception cref="InvalidOperationException">The notifier was never inserted.</exception>
    public ReadSection ReadBeginNoWait(AddressRange part, InvalidationOrigin? origin = null) =>
        TryOpenFast(part, origin, out ReadRequest request, out ReadSection section)
            ? section
            : ReadBeginNoWaitSlowly(request);

    /// <summary>Compiled away where validation is off. RequireSpace reports a missing space later.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void RequireMayCall(WaitingCall call)
    {
        if (MisuseValidation.IsEnabled)
            Space?.RequireMayCall(call);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private ReadSection ReadBeginSlowly(ReadRequest request, CancellationToken cancellationToken) =>
        RequireSpace().ReadBegin(this, request, cancellationToken);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private ReadSection ReadBeginNoWaitSlowly(ReadRequest request) => RequireSpace().ReadBeginNoWait(this, request);

    /// <summary>
    /// Opens a section over a part if the word alone says that it may: see the second race at the top of the file on the sequence. A torn
    /// range that seems too small is looked at again under the lock.
    /// </summary>
    private bool TryOpenFast(AddressRange part, InvalidationOrigin? origin, out ReadRequest request, out ReadSection section)
    {
        request = new ReadRequest(part, origin?.BeginSection() ?? 0);
        NotifierWord word = Word;
        if (word.IsOpenForParts && (ulong)_start.Read() <= part.Start && part.Last <= (ulong)_last.Read())
        {
            section = new ReadSection(this, word.Sequence, part, request.OriginSection);
            return true;
        }

        section = default;
        return false;
    }
}
