using System.Diagnostics.CodeAnalysis;

namespace MmuNotifier;

/// <summary>
/// What interval notifiers and whole-space notifiers have in common: an insertion, a removal, and <see cref="Released"/>. A notifier is
/// inserted once in its life.
/// </summary>
/// <remarks>
/// <code>
/// New ──insert──▶ Inserted ──remove──▶ Removing ──last callback left──▶ Quiet ──last hold left, Released returned──▶ Released
/// </code>
/// The state is guarded by the engine lock of the address space.
/// </remarks>
[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.NonPublicMethods)]
public abstract class Notifier
{
    /// <summary>
    /// The claim of the space that inserts the notifier; <see cref="IntervalNotifier"/> uses the rest of the word. The field is declared
    /// here for its place: fields of the base class come first. A start that meets a notifier touches the object's head, for the call, and
    /// this word; so both are usually on one cache line.
    /// </summary>
    private protected AtomicInt64 _word;

    private protected Notifier()
    {
        _word = new AtomicInt64(NotifierWord.NotInserted.Bits);
    }

    /// <summary>The address space that the notifier is or was inserted in; null before that.</summary>
    public AddressSpace? Space { get; private set; }

    internal NotifierState State { get; private set; }

    /// <summary>Callers of find that look at the notifier; they delay Released only.</summary>
    internal int FindHolds { get; set; }

    /// <summary>What is left to do since it was removed; null before that, and if nothing was.</summary>
    internal Removal? Removal { get; private set; }

    /// <summary>Whether no callback runs or will run, given that the notifier is being removed.</summary>
    internal abstract bool HasNoCallbacks { get; }

    /// <summary>
    /// Removes the notifier and waits until none of its callbacks runs or will run (<c>mmu_interval_notifier_remove</c>). Takes effect at
    /// once; only the wait takes time, and only for callbacks of this notifier. Removing again is harmless and waits as well.
    /// </summary>
    /// <param name="cancellationToken">Gives up the wait; the removal continues as a deferred one.</param>
    /// <remarks>
    /// Plain removal gives up coverage: a callback that was due is not called, and the remover must invalidate its own entries under its
    /// driver lock. Not from inside a callback, second step or <see cref="Released"/> of the same space, and not under a lock that such a
    /// callback takes: use <see cref="RemoveDeferred"/> there.
    /// Cost: logarithmic in the notifiers, plus a look at each invalidation that is active now; some microseconds more for each one on
    /// another thread whose call it takes back or waits for.
    /// </remarks>
    /// <exception cref="InvalidOperationException">The notifier was never inserted.</exception>
    /// <exception cref="OperationCanceledException">The wait was given up.</exception>
    /// <exception cref="ThreadInterruptedException">The thread was interrupted in the wait, which is given up as by the token.</exception>
    /// <exception cref="MisuseException">Validation is on, and the call could wait for ever here. Nothing was removed.</exception>
    public void Remove(CancellationToken cancellationToken = default) => RequireSpace().RemoveAndWait(this, cancellationToken);

    /// <summary>
    /// As <see cref="Remove"/>; the task completes where that would return. The removal itself is in effect when this returns.
    /// </summary>
    /// <param name="cancellationToken">Gives up the wait; the removal continues as a deferred one.</param>
    /// <remarks>
    /// The call itself, not the await, is validated, on the calling thread: where <see cref="Remove"/> would be misuse, this is.
    /// </remarks>
    /// <exception cref="InvalidOperationException">The notifier was never inserted.</exception>
    /// <exception cref="MisuseException">As in <see cref="Remove"/>; thrown by the call, not by the task.</exception>
    public Task RemoveAsync(CancellationToken cancellationToken = default) => RequireSpace().RemoveAsync(this, cancellationToken);

    /// <summary>
    /// Removes the notifier and returns at once; <see cref="Released"/> follows when the last callback and find hold has left
    /// (the series' <c>mmu_interval_notifier_put</c>). May be called anywhere, also inside any callback and under any lock of the user.
    /// </summary>
    /// <remarks>Cost: as Remove.</remarks>
    /// <returns>True if this call removed it, false if it was removed before.</returns>
    /// <exception cref="InvalidOperationException">The notifier was never inserted.</exception>
    public bool RemoveDeferred() => RequireSpace().RemoveDeferred(this);

    /// <summary>
    /// Called exactly once per insertion, however it ended, after the last callback, second step and find hold has left. Runs on a
    /// background thread of the engine, never on the remover's stack and under no lock. Handlers of different notifiers do not hold each
    /// other up. An exception goes to <see cref="AddressSpace.CallbackFailed"/>.
    /// </summary>
    protected virtual void Released()
    {
    }

    /// <summary>Whether <see cref="Released"/> is overridden, so that there is something to call. Known since before the
    /// insertion.</summary>
    internal bool HandlesReleased { get; private set; }

    /// <summary>Finds out whether <see cref="Released"/> is overridden. Not under the engine lock: it looks at a type of the
    /// user's.</summary>
    internal bool FindHandlesReleased() => HandlesReleased = ReleasedOverrides.Has(GetType());

    /// <summary>Whether no address space has claimed it.</summary>
    internal bool IsNew => new NotifierWord(_word.Read()).IsNew;

    /// <summary>
    /// Makes the notifier one that was inserted, for all address spaces. One of them gets it, however many try at the same moment under
    /// their own locks. A full fence if it does.
    /// </summary>
    internal bool TryClaim()
    {
        NotifierWord old = new(_word.ReadRelaxed());
        while (old.IsNew)
        {
            NotifierWord seen = new(_word.CompareExchange(old.AsClaimed.Bits, old.Bits));
            if (seen == old)
                return true;
            old = seen;
        }

        return false;
    }

    /// <summary>Takes a claim back: the notifier was not inserted after all.</summary>
    internal void Unclaim() => _word.Write(NotifierWord.NotInserted.Bits);

    internal void MarkInserted(AddressSpace space)
    {
        space.AssertLocked();
        Space = space;
        State = NotifierState.Inserted;
    }

    internal void MarkRemoving() => Mark(NotifierState.Removing);

    /// <summary>
    /// Before the removal takes effect, where it is known that something will be left to do: from then on nothing may fail, and making an
    /// object may.
    /// </summary>
    internal void PrepareRemoval()
    {
        if (HandlesReleased)
            Removal ??= new Removal(this);
    }

    internal Removal MakeRemoval(long number)
    {
        Space!.AssertLocked();
        Removal ??= new Removal(this);
        Removal.Number = number;
        return Removal;
    }

    /// <summary>The removal waits for one more call of the callback.</summary>
    internal void AwaitHit() => (Removal ??= new Removal(this)).AwaitedHitCount++;

    internal void MarkQuiet() => Mark(NotifierState.Quiet);

    internal void MarkReleased() => Mark(NotifierState.Released);

    private void Mark(NotifierState state)
    {
        Space!.AssertLocked();
        State = state;
    }

    /// <summary>Runs on a release worker, after the last callback has left.</summary>
    internal void CompleteRelease()
    {
        AddressSpace space = RequireSpace();
        DeliverMissingEnds();
        if (!space.TryBeginReleased(this))
            return; // The last find hold queues it again.
        try
        {
            using (CallFrame.Enter(this, CallKind.Released))
                Released();
        }
        catch (Exception exception)
        {
            space.RaiseCallbackFailed(this, exception);
        }

        space.FinishReleased(this);
    }

    internal virtual bool HasMissingEnds => false;

    private protected virtual void DeliverMissingEnds()
    {
    }

    /// <summary>
    /// What messages call it. Not its ToString: that is user code, which may take any lock, and messages are made under the engine's.
    /// </summary>
    internal string TypeName => GetType().ToString();

    private protected AddressSpace RequireSpace() => Space
        ?? throw new InvalidOperationException("The notifier was never inserted into an address space; insert it first.");
}
