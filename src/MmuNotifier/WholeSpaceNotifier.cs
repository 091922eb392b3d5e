namespace MmuNotifier;

/// <summary>
/// A subscription to start and end of every invalidation of an address space, in complete pairs (KVM's kind of <c>mmu_notifier</c> in
/// Linux). Inserting it delivers the start of every active invalidation before it returns; removing it delivers the missing ends before
/// <see cref="Notifier.Released"/>.
/// </summary>
public abstract class WholeSpaceNotifier : Notifier
{
    // Guarded by the engine lock; the ends that are missing belong to the release worker once the last callback has left.
    private readonly List<WholeSpaceHit> _hits = [];
    private readonly List<WholeSpaceHit> _missingEnds = [];

    /// <summary>Makes a notifier that is not inserted yet.</summary>
    protected WholeSpaceNotifier()
    {
    }

    /// <summary>
    /// Pairs that were started, or are due, and whose end is not delivered or handed over; in no order. Guarded by the engine lock.
    /// </summary>
    internal IReadOnlyList<WholeSpaceHit> Hits => _hits;

    /// <summary>Its place among those of its space. Guarded by the engine lock.</summary>
    internal LinkedListNode<WholeSpaceNotifier>? Registration { get; set; }

    /// <summary>How many ask it for the age of pages, or are about to. Guarded by the engine lock.</summary>
    internal int AgingCalls { get; set; }

    internal override bool HasNoCallbacks => _hits.Count == 0 && AgingCalls == 0;

    internal override bool HasMissingEnds => _missingEnds.Count > 0;

    /// <summary>
    /// An invalidation starts. Runs on the thread that starts it, after the callbacks of the interval notifiers, or on the thread that
    /// inserts the notifier; under no lock of the engine.
    /// </summary>
    /// <param name="invalidation">What is invalidated and why.</param>
    /// <returns>
    /// True if the change may proceed. False if it is not blockable and the notifier would have to sleep; then this notifier gets no end
    /// for it.
    /// </returns>
    protected internal abstract bool InvalidateStart(in Invalidation invalidation);

    /// <summary>
    /// An invalidation ends, that the notifier got the start of. Runs on the thread that ends it; if the start was still running then, on
    /// the thread that runs it; if the notifier was removed meanwhile, on the thread that calls <see cref="Notifier.Released"/>.
    /// </summary>
    /// <param name="invalidation">The same as the start got.</param>
    protected internal abstract void InvalidateEnd(in Invalidation invalidation);

    /// <summary>
    /// Whether the device has accessed a page of the range since this was last cleared (<c>test_young</c>). Runs on the thread that asks,
    /// under no lock of the engine; nothing is invalidated. A notifier that does not override it has accessed none.
    /// </summary>
    /// <param name="range">The pages.</param>
    protected internal virtual bool TestYoung(AddressRange range) => false;

    /// <summary>As <see cref="TestYoung"/>; from now on none of them counts as accessed (<c>clear_young</c>).</summary>
    /// <param name="range">The pages.</param>
    protected internal virtual bool ClearYoung(AddressRange range) => false;

    internal void AddHit(WholeSpaceHit hit)
    {
        hit.Index = _hits.Count;
        _hits.Add(hit);
    }

    internal void RemoveHit(WholeSpaceHit hit)
    {
        WholeSpaceHit last = _hits[^1];
        _hits[hit.Index] = last;
        last.Index = hit.Index;
        _hits.RemoveAt(_hits.Count - 1);
        if (Room.IsTooMuch(_hits.Capacity, _hits.Count))
            Room.GiveBack(_hits, _hits.Capacity / 2);
    }

    /// <summary>The end of this pair is delivered by the release worker.</summary>
    internal void HandOverEnd(WholeSpaceHit hit)
    {
        Space!.AssertLocked();
        hit.Phase = WholeSpacePhase.HandedOver;
        RemoveHit(hit);
        _missingEnds.Add(hit);
    }

    /// <remarks>Runs after the last callback left a removed notifier, so nobody adds to the list any more.</remarks>
    private protected override void DeliverMissingEnds()
    {
        foreach (WholeSpaceHit hit in _missingEnds)
            RequireSpace().DeliverEnd(this, hit.Invalidation);
        _missingEnds.Clear();
    }
}
