namespace MmuNotifier;

/// <content>Exit.</content>
public sealed partial class AddressSpace
{
    /// <summary>
    /// The address space goes away (<c>mmu_notifier_release</c>): every notifier sees one <see cref="InvalidationEvent.Release"/> over the
    /// whole space; insertions are refused from now on, read sections say <see cref="ReadStatus.Exited"/>. Notifiers stay until they are
    /// removed. May run beside active invalidations and be called inside a callback.
    /// </summary>
    /// <returns>True for the call that did it; false if the space had exited before, without waiting for that exit's callbacks.</returns>
    public bool Exit()
    {
        ActiveInvalidation invalidation;
        using (_lock.Hold())
        {
            if (_exited)
                return false;
            Volatile.Write(ref _exited, true);
            invalidation = BeginLocked(
                AddressRange.Whole,
                InvalidationEvent.Release,
                new InvalidationTerms(Owner: null, Origin: null, IsBlockable: true, IsReport: true));
            var exiter = new Exiter(this);
            _tree.Visit(AddressRange.Whole, ref exiter);
        }

        Walk(invalidation);
        EndInvalidation(invalidation, invalidation.Generation);
        return true;
    }

    /// <summary>Closes a notifier's gate for good. The sequence was bumped by the Release that began under the same lock.</summary>
    private readonly struct Exiter(AddressSpace space) : IIntervalVisitor
    {
        public void Visit(IntervalNotifier notifier)
        {
            notifier.Gate = notifier.Gate.AsExited;
            space.WakeReaders(notifier);
        }
    }
}
