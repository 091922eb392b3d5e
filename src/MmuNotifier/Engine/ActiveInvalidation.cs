using System.Runtime.CompilerServices;

namespace MmuNotifier;

/// <summary>
/// An invalidation, from its start to its end. Filled by the thread that starts it, published by its <see cref="State"/>, then looked at by
/// everybody. Used again and again by the thread that made it.
/// </summary>
/// <remarks>
/// Who reads without being that thread: reads the state (acquire), then the fields, then the state again; if the generation has moved, that
/// invalidation has ended meanwhile and what was read of it does not matter. What a later use of the object does not tell such a reader, it
/// need not know: whatever is published after the reader's first look at the state meets the reader's own fence; see
/// <see cref="AddressSpace.FindActive"/>.
/// </remarks>
internal sealed class ActiveInvalidation(InvalidationPool pool, int indexInPool)
{
    private AtomicInt64 _state;
    private AtomicInt64 _start;
    private AtomicInt64 _last;
    private AtomicInt64 _originSection;
    private AtomicInt64 _cursor;
    private AtomicInt64 _attention;
    private Hit[] _hits = new Hit[4];

    /// <summary>Keeps the words of two threads' invalidations off one cache line.</summary>
#pragma warning disable CS0169, IDE0051 // Takes up space; nobody reads it.
    private CacheLine _padding;
#pragma warning restore CS0169, IDE0051

    public InvalidationPool Pool { get; } = pool;

    public int IndexInPool { get; } = indexInPool;

    /// <summary>The next of all objects that the address space ever made. Fixed before this one can be found.</summary>
    public ActiveInvalidation? NextRegistered { get; set; }

    public ActiveState State => new(_state.Read(SeededDefect.StateReadRelaxed));

    public ulong Start => (ulong)_start.Read();

    public ulong Last => (ulong)_last.Read();

    /// <summary>The range, for the thread that starts it. Others may find the bounds of two uses.</summary>
    public AddressRange Range => new((ulong)_start.ReadRelaxed(), (ulong)_last.ReadRelaxed());

    /// <summary>The read section that causes the invalidation (<see cref="InvalidationOrigin.Section"/>); 0 for none.</summary>
    public long OriginSection => _originSection.Read();

    public InvalidationEvent Event { get; private set; }

    public object? Owner { get; private set; }

    public bool IsBlockable { get; private set; }

    /// <summary>Whether it reports a change that is already made, and so can neither be refused nor throw.</summary>
    public bool IsReport { get; private set; }

    /// <summary>Whether an owner is named whose own notifiers are not called.</summary>
    public bool HasExemptOwner { get; private set; }

    /// <summary>The last stamp of the tree when the hits were gathered: a notifier with a later one was inserted or moved since.</summary>
    public long GatherStamp { get; set; }

    public int HitCount { get; private set; }

    public int SecondStepCount { get; set; }

    public List<Exception>? Exceptions { get; set; }

    /// <summary>
    /// How far the walk is: hits below it have returned, the one at it may be running, those above it have not begun. -1 before the walk.
    /// </summary>
    /// <remarks>
    /// Walker: cursor to k, then read hit k. Remover: take hit k away, fence on all threads, then read the cursor. So either the walker
    /// finds the hit taken away or the remover finds the cursor at k or beyond. The walker's side needs no fence.
    /// </remarks>
    public int Cursor
    {
        get => (int)_cursor.Read();
        set => _cursor.Write(value, SeededDefect.CursorRelaxed);
    }

    /// <summary>
    /// Whether the walking thread must take the lock after this call: a removal waits, or there is something to inherit. Same pairing as
    /// for <see cref="Cursor"/>: written before the fence on all threads, read after the cursor has moved.
    /// </summary>
    public bool NeedsAttention
    {
        get => _attention.Read() != 0;
        set => _attention.Write(value ? 1 : 0);
    }

    /// <summary>Calls that removals wait for. Guarded by the engine lock.</summary>
    public List<AwaitedHit> AwaitedHits { get; } = [];

    /// <summary>Calls that batches passed on to others. Guarded by the engine lock.</summary>
    public List<InheritedHit> InheritedHits { get; } = [];

    /// <summary>Calls to whole-space notifiers. Guarded by the engine lock.</summary>
    public List<WholeSpaceHit> WholeSpaceHits { get; } = [];

    /// <summary>Notifiers on which readers wait for the end. Guarded by the engine lock.</summary>
    public List<IntervalNotifier> NotifiersWithReaders { get; } = [];

    /// <summary>How many whole-space pairs were fixed at the start; those behind them are of later registrations.</summary>
    public int OrderedWholeSpaceCount { get; set; }

    public void Reset(
        AddressRange range, InvalidationEvent invalidationEvent, object? owner, InvalidationOrigin? origin, bool isBlockable, bool isReport)
    {
        _start.WriteRelaxed((long)range.Start);
        _last.WriteRelaxed((long)range.Last);
        _originSection.WriteRelaxed(origin?.Section ?? 0);
        _cursor.WriteRelaxed(-1);
        Event = invalidationEvent;
        if (!ReferenceEquals(Owner, owner))
            Owner = owner;
        HasExemptOwner = owner is not null && invalidationEvent is InvalidationEvent.Migrate or InvalidationEvent.Exclusive;
        IsBlockable = isBlockable;
        IsReport = isReport;
        HitCount = 0;
        OrderedWholeSpaceCount = 0;
    }

    /// <summary>Makes it active for everybody, with a full fence, so that what follows it reads what was there before or later.</summary>
    public void Publish() =>
        _state.Exchange(new ActiveState(_state.ReadRelaxed()).AsActive.Bits, SeededDefect.PublishWithoutFence);

    /// <summary>Asks that its end takes the engine lock. False if it is not (or no longer) in that use.</summary>
    public bool TryRequireLock(long generation)
    {
        while (true)
        {
            ActiveState state = State;
            if (!state.IsActive || (state.Generation != generation && !Seeded.Has(SeededDefect.WaiterJoinsNextUse)))
                return false;
            if (state.NeedsLock || _state.CompareExchange(state.AsNeedingLock.Bits, state.Bits) == state.Bits)
                return true;
        }
    }

    /// <summary>Steps from a state that was read to the next. False if it has changed since.</summary>
    public bool TryStep(ActiveState from, ActiveState to) => _state.CompareExchange(to.Bits, from.Bits, SeededDefect.EndRelaxed) == from.Bits;

    /// <summary>The last step of an end that took the lock.</summary>
    public void BecomeIdle() => _state.Write(new ActiveState(_state.ReadRelaxed()).AsIdle.Bits);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ref Hit HitAt(int index) => ref _hits[index];

    public ReadOnlySpan<Hit> Hits => _hits.AsSpan(0, HitCount);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void AddHit(IntervalNotifier notifier, AddressRange overlap)
    {
        if (HitCount == _hits.Length)
            Array.Resize(ref _hits, HitCount * 4);
        ref Hit hit = ref _hits[HitCount++];
        hit.Notifier.WriteRelaxed(notifier);
        hit.Overlap = overlap;
    }

    /// <summary>Drops the hits that a walk without the lock gathered in vain.</summary>
    public void ClearHits()
    {
        for (int i = 0; i < HitCount; i++)
            _hits[i].Notifier.WriteRelaxed(null);
        HitCount = 0;
    }

    /// <summary>Who is not called for a migration or exclusive access that it asked for itself (contract item 3).</summary>
    public bool SkipsCallbackOf(IntervalNotifier notifier) => HasExemptOwner && ReferenceEquals(Owner, notifier.Owner);

    /// <summary>
    /// The index of the call to a notifier that is fixed, from the cursor on; -1 if there is none. Under the engine lock.
    /// </summary>
    public int FindHit(IntervalNotifier notifier)
    {
        Hit[] hits = _hits;
        int count = Math.Min(HitCount, hits.Length);
        ulong overlapStart = Math.Max(notifier.RangeLocked.Start, Start);
        bool isMoved = notifier.TreeStamp > GatherStamp && !Seeded.Has(SeededDefect.HitSearchedByNewRange);
        int index = isMoved ? 0 : LowerBound(hits, count, overlapStart);
        for (; index < count; index++)
        {
            if (ReferenceEquals(hits[index].Notifier.Read(), notifier))
                return index;
            if (!isMoved && hits[index].Overlap.Start > overlapStart)
                return -1;
        }

        return -1;
    }

    /// <summary>Whether a call has left its notifier for good, second step and all. Under the engine lock.</summary>
    public bool HasFinished(in AwaitedHit hit) => hit.Inherited is { } inherited
        ? inherited.Phase == InheritedPhase.Done
        : Cursor > hit.Index && (_hits[hit.Index].SecondStep.Read() is null || Seeded.Has(SeededDefect.SecondStepNotAwaited));

    private static int LowerBound(Hit[] hits, int count, ulong start)
    {
        int low = 0;
        int high = count;
        while (low < high)
        {
            int middle = (low + high) >>> 1;
            if (hits[middle].Overlap.Start < start)
                low = middle + 1;
            else
                high = middle;
        }

        return low;
    }

    [InlineArray(16)]
    private struct CacheLine
    {
        private long _first;
    }
}
