namespace MmuNotifier;

/// <content>Exit.</content>
public sealed partial class AddressSpace
{
    /// <summary>
    /// The address space goes away (<c>mmu_notifier_release</c>): every notifier sees one <see cref="InvalidationEvent.Release"/> over the
    /// whole space; insertions are refused from now on, read sections say <see cref="ReadStatus.Exited"/>. Notifiers stay until they are
    /// removed. May run beside active invalidations and be called inside a callback.
    /// </summary>
    /// <remarks>Cost: linear in the notifiers, which it calls.</remarks>
    /// <returns>True for the call that did it; false if the space had exited before, without waiting for that exit's callbacks.</returns>
    /// <exception cref="MisuseException">Validation is on, and a callback takes a declared lock that the caller holds.</exception>
    public bool Exit()
    {
        RequireMayCall(WaitingCall.Exit);
        ActiveInvalidation invalidation = Active.Take();
        using (_lock.Hold())
        {
            if (_exited)
                return false;

            Volatile.Write(ref _exited, true);
            invalidation.Reset(AddressRange.Whole, InvalidationMode.Report(InvalidationEvent.Release), owner: null, origin: null);
            BeginLocked(invalidation);
            var exiter = new Exiter(this);
            _tree.Visit(AddressRange.Whole, ref exiter);
        }

        Walk(invalidation);
        EndInvalidation(invalidation, invalidation.State.Generation);
        return true;
    }

    private readonly struct Exiter(AddressSpace space) : ILeafVisitor
    {
        public bool Visit(LeafNode leaf, uint entries)
        {
            for (int i = 0; i < leaf.Count; i++)
            {
                leaf.NotifierAt(i).MarkExited();
                space._readers.Wake(leaf.NotifierAt(i));
            }

            return true;
        }
    }
}
