using System.Runtime.CompilerServices;

namespace MmuNotifier;

/// <content>
/// The word that readers meet starts and edits at; see <see cref="NotifierWord"/>.
/// <para>
/// Why no section is missed by a start, and no start by a section:
/// <code>
/// start                                     slow reader
/// becomes active            (1)             word: Observed            (3)
/// full fence                                full fence
/// reads the word, bumps it                  looks for active invalidations, none
///   unless Unobserved       (2)             word: Open, if unchanged  (4)
/// </code>
/// The fences put (1) before the reader's look, or (3) before (2). In the first case the reader finds the invalidation. In the second the
/// start finds Observed, or Open, and bumps: then (4) fails, or the section that it opened retries. A reader without a look (fast) finds
/// Open, which was written by (4), and a start that comes after it bumps. The fence orders a store before a load, which x64 does not do by
/// itself either; on Arm64 the acquire of the word also keeps the range's loads behind it.
/// <code>
/// move                                      reader of a part, fast
/// word: bumped, InEdit      (1)             word: Open                (4)
/// range, tree               (2)             range contains the part   (5)
/// word: bumped, not InEdit  (3)             section with the sequence of (4)
/// </code>
/// If (5) saw anything of (2), the sequence of (4) is older than (1): the section retries.
/// </para>
/// </content>
public abstract partial class IntervalNotifier
{
    /// <summary>
    /// Changes whenever an invalidation that meets the range starts and whenever an edit touches the notifier
    /// (<c>invalidate_seq</c> in Linux). Kept by the engine. Never waits.
    /// </summary>
    /// <remarks>Between two looks at it, any number of starts and edits may count as one change.</remarks>
    public long Sequence => Observe(forPart: false).Sequence;

    internal NotifierWord Word => new(_word.Read());

    /// <summary>
    /// Whether an invalidation that has become active must bump the sequence: somebody has looked at it since the last bump.
    /// </summary>
    internal bool MustBump
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => new NotifierWord(_word.ReadRelaxed()).MustBump;
    }

    /// <summary>Bumps the sequence for an invalidation that has become active, if it must.</summary>
    internal void BumpFor(ActiveInvalidation invalidation)
    {
        NotifierWord old = new(_word.ReadRelaxed());
        while (old.MustBump)
        {
            NotifierWord seen = new(_word.CompareExchange(old.Bumped.Bits, old.Bits));
            if (seen == old)
            {
                if (old.IsLogged)
                    _log.Read()!.Note(old.Bumped.Sequence, invalidation.Range, invalidation.OriginSection);
                return;
            }

            old = seen;
        }
    }

    /// <summary>Makes the next start bump the sequence that is returned. A full fence.</summary>
    /// <param name="forPart">Whether bumps are to be logged from now on.</param>
    internal NotifierWord Observe(bool forPart)
    {
        if (forPart && _log.Read() is null)
            _log.CompareExchange(new InvalidationLog(), null);
        NotifierWord old = Word;
        while (true)
        {
            NotifierWord observed = forPart ? old.AsObserved.AsLogged : old.AsObserved;
            if (observed == old)
            {
                Fence.Full();
                return old;
            }

            NotifierWord seen = new(_word.CompareExchange(observed.Bits, old.Bits));
            if (seen == old)
                return observed;
            old = seen;
        }
    }

    /// <summary>
    /// The last step of a slow reader: false if there was a start or an edit since it observed the word; then it looks again.
    /// </summary>
    /// <param name="observed">The word that it observed.</param>
    /// <param name="opens">Whether no active invalidation meets the range, so that the next readers need not look.</param>
    internal bool TryConfirm(NotifierWord observed, bool opens)
    {
        NotifierWord word = Word;
        while (word.Sequence == observed.Sequence)
        {
            if (!opens || word.AsOpen == word)
                return true;
            NotifierWord seen = new(_word.CompareExchange(word.AsOpen.Bits, word.Bits));
            if (seen == word)
                return true;
            word = seen;
        }

        return false;
    }

    /// <summary>Whether one of the bumps from one sequence to another was for the part, and not caused by the section itself.</summary>
    internal bool MustRetry(long beganAt, long now, AddressRange part, long originSection) =>
        _log.Read() is not { } log || log.MustRetry(beganAt, now, part, originSection);

    /// <summary>Before the range changes.</summary>
    internal void BeginMove() => Step(static word => word.AsInEdit);

    /// <summary>After the range has changed.</summary>
    internal void EndMove() => Step(static word => word.AsEdited);

    /// <summary>
    /// At the end of the insertion. A plain write: starts leave an Unobserved word alone, and a slow reader that has
    /// observed it before finds that it is in edit, and observes it again under the lock.
    /// </summary>
    /// <param name="isFailed">Whether no section ever begins, because it is a piece of a notifier that has failed.</param>
    internal void EndInsertion(bool isFailed)
    {
        Space!.AssertLocked();
        NotifierWord inserted = NotifierWord.NotInserted.AsEdited;
        _word.Write((isFailed ? inserted.AsFailed : inserted).Bits);
    }

    /// <summary>No section begins or goes on, for good.</summary>
    internal void MarkRemoved() => Step(static word => word.Bumped.AsRemoved);

    /// <summary>No section begins or goes on, for good.</summary>
    internal void MarkExited() => Step(static word => word.Bumped.AsExited);

    /// <summary>No section begins or goes on until the notifier is removed.</summary>
    internal void MarkFailed() => Step(static word => word.Bumped.AsFailed);

    /// <summary>
    /// Starts and slow readers, which hold no lock, may step at the same time. A section over a part is told before the bump that it has
    /// no entry in the log; one that begins to log meanwhile changes the word, and the step is tried again.
    /// </summary>
    private void Step(Func<NotifierWord, NotifierWord> next)
    {
        Space!.AssertLocked();

        // Acquire: a word that says "logged" was written after the log.
        NotifierWord old = new(_word.Read());
        while (true)
        {
            NotifierWord stepped = next(old);
            if (old.IsLogged && stepped.Sequence != old.Sequence)
                _log.Read()!.NoteUnlogged(stepped.Sequence);
            NotifierWord seen = new(_word.CompareExchange(stepped.Bits, old.Bits));
            if (seen == old)
                return;
            old = seen;
        }
    }
}
