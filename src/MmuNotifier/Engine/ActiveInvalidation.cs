using System.Numerics;
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
internal sealed class ActiveInvalidation(InvalidationPool pool)
{
    public const int PastAllHits = int.MaxValue;

    private AtomicInt64 _state;
    private AtomicInt64 _start;
    private AtomicInt64 _last;
    private AtomicInt64 _originSection;
    private AtomicInt64 _cursor;
    private AtomicInt64 _attention;
    private AtomicInt64 _leafCount;
    private AtomicInt64 _secondStepCount;
    private LeafHits[] _leaves = new LeafHits[4];
    private SecondStep[] _secondSteps = [];
    private Invalidation _call;

    /// <summary>Keeps the words of two threads' invalidations off one cache line.</summary>
#pragma warning disable CS0169, IDE0051 // Takes up space; nobody reads it.
    private CacheLine _padding;
#pragma warning restore CS0169, IDE0051

    public AddressSpace Space { get; } = pool.Space;

    /// <summary>See <see cref="ThreadIndex"/>: the thread that starts it and walks.</summary>
    public int OwnerIndex { get; } = pool.OwnerIndex;

    /// <summary>The next of all objects that the address space ever made. Fixed before this one can be found.</summary>
    public ActiveInvalidation? NextRegistered { get; set; }

    public ActiveState State
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => new(_state.Read(SeededDefect.StateReadRelaxed));
    }

    public ulong Start => (ulong)_start.Read();

    public ulong Last => (ulong)_last.Read();

    /// <summary>The range, for the thread that starts it. Others may find the bounds of two uses.</summary>
    public AddressRange Range
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => AddressRange.Unchecked((ulong)_start.ReadRelaxed(), (ulong)_last.ReadRelaxed());
    }

    /// <summary>The read section that causes the invalidation (<see cref="InvalidationOrigin.Section"/>); 0 for none.</summary>
    public long OriginSection => _originSection.Read();

    /// <summary>What callbacks are told; the walking thread writes the overlap of each call into it.</summary>
    public ref Invalidation Call => ref _call;

    public InvalidationTerms Terms => _call.Terms;

    public object? Owner => _call.Owner;

    /// <summary>Whether an owner is named whose own notifiers are not called.</summary>
    public bool HasExemptOwner { get; private set; }

    /// <summary>The last stamp of the tree when the hits were gathered: a notifier with a later one was inserted or moved since.</summary>
    public long GatherStamp { get; set; }

    /// <summary>How many leaves of the tree have notifiers that were met, for the walking thread.</summary>
    public int LeafCount
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => (int)_leafCount.ReadRelaxed();
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        set => _leafCount.WriteRelaxed(value);
    }

    /// <summary>How many second steps were taken, for the walking thread.</summary>
    public int SecondStepCount => (int)_secondStepCount.ReadRelaxed();

    public List<Exception>? Exceptions { get; set; }

    /// <summary>
    /// How far the walk is: hits below it have returned, the one at it may be running, those above it have not begun. -1 before the walk,
    /// <see cref="PastAllHits"/> after it. The position of a hit is that of its leaf times the capacity of a leaf, plus that in the leaf.
    /// </summary>
    /// <remarks>
    /// Walker: cursor to k, then see whether hit k is still owed. Remover: take hit k away, fence on all threads, then read the cursor. So either the walker
    /// finds the hit taken away or the remover finds the cursor at k or beyond. The walker's side needs no fence.
    /// </remarks>
    public int Cursor
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => (int)_cursor.Read();
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        set => _cursor.Write(value, SeededDefect.CursorRelaxed);
    }

    /// <summary>
    /// Whether the walking thread must take the lock after this call: a removal waits, or there is something to inherit. Same pairing as
    /// for <see cref="Cursor"/>: written before the fence on all threads, read after the cursor has moved.
    /// </summary>
    public bool NeedsAttention
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
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

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Reset(AddressRange range, InvalidationTerms terms, object? owner, InvalidationOrigin? origin)
    {
        _start.WriteRelaxed((long)range.Start);
        _last.WriteRelaxed((long)range.Last);
        _originSection.WriteRelaxed(origin?.Section ?? 0);
        _cursor.WriteRelaxed(-1);
        _leafCount.WriteRelaxed(0);
        _call.Reset(range, terms, owner);
        OrderedWholeSpaceCount = 0;
        if (owner is not null)
            _state.WriteRelaxed(new ActiveState(_state.ReadRelaxed()).AsOwned.Bits);
        HasExemptOwner = owner is not null && terms.Event is InvalidationEvent.Migrate or InvalidationEvent.Exclusive;
    }

    /// <summary>Makes it active for everybody, with a full fence, so that what follows it reads what was there before or later.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
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
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryStep(ActiveState from, ActiveState to) =>
        _state.CompareExchange(to.Bits, from.Bits, SeededDefect.EndRelaxed) == from.Bits;

    /// <summary>The last step of an end that has more to do than to say so.</summary>
    public void BecomeIdle()
    {
        _call.ForgetOwner();
        HasExemptOwner = false;
        _state.Write(new ActiveState(_state.ReadRelaxed()).AsIdle.Bits);
    }

    /// <summary>Room for leaves; the owner fills it and then says how many there are.</summary>
    public LeafHits[] RoomForLeaves => _leaves;

    public LeafHits[] GrowRoomForLeaves()
    {
        Array.Resize(ref _leaves, _leaves.Length * 4);
        return _leaves;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ref LeafHits LeafAt(int index) => ref _leaves[index];

    /// <summary>The notifier of a hit, for the walking thread.</summary>
    public IntervalNotifier NotifierAt(int position) =>
        _leaves[position / IntervalTreeNode.Capacity].Leaf.ReadRelaxed()!.NotifierAt(position % IntervalTreeNode.Capacity);

    /// <summary>
    /// Lets the leaves go that the walk is done with, or that were gathered in vain. Who finds them gone finds the second steps that their
    /// calls returned.
    /// </summary>
    public void DropLeaves()
    {
        for (int i = 0; i < LeafCount; i++)
            _leaves[i].Leaf.Write(null, SeededDefect.LeavesDroppedRelaxed);
        _leafCount.Write(0, SeededDefect.LeavesDroppedRelaxed);
    }

    /// <summary>Called by the walking thread, before the cursor moves on.</summary>
    public void AddSecondStep(ISecondStep step, IntervalNotifier notifier, AddressRange overlap, int position)
    {
        if (SecondStepCount == _secondSteps.Length)
            Array.Resize(ref _secondSteps, Math.Max(4, SecondStepCount * 2));
        ref SecondStep second = ref _secondSteps[SecondStepCount];
        second.Notifier.WriteRelaxed(notifier);
        second.Overlap = overlap;
        second.Position = position;
        second.Step.WriteRelaxed(step);
        _secondStepCount.Write(SecondStepCount + 1);
    }

    public ref SecondStep SecondStepAt(int index) => ref _secondSteps[index];

    /// <summary>Who finds them gone has seen what they did.</summary>
    public void DropSecondSteps()
    {
        for (int i = 0; i < SecondStepCount; i++)
            _secondSteps[i].Notifier.Write(null, SeededDefect.SecondStepsDroppedRelaxed);
        _secondStepCount.Write(0, SeededDefect.SecondStepsDroppedRelaxed);
    }

    /// <summary>Who is not called for a migration or exclusive access that it asked for itself (contract item 3).</summary>
    public bool SkipsCallbackOf(IntervalNotifier notifier) => HasExemptOwner && ReferenceEquals(Owner, notifier.Owner);

    /// <summary>Whether the walk goes on and will look at a leaf again. Inside an edit.</summary>
    public bool IsWalking(LeafNode leaf)
    {
        if (Cursor == PastAllHits)
            return false;
        LeafHits[] leaves = _leaves;
        int count = Math.Min((int)_leafCount.Read(), leaves.Length);
        for (int i = LowerBound(leaves, count, leaf.MinStart); i < count; i++)
        {
            LeafNode? other = leaves[i].Leaf.Read();
            if (ReferenceEquals(other, leaf))
                return true;
            if (other is null || other.MinStart > leaf.MinStart)
                return false;
        }

        return false;
    }

    /// <summary>
    /// The position of the call to a notifier that was fixed at the start and that is not known to have finished; -1 if there is none.
    /// Under the engine lock.
    /// </summary>
    public int FindHit(IntervalNotifier notifier)
    {
        int position = FindOwedHit(notifier);
        SecondStep[] secondSteps = _secondSteps;
        for (int i = 0; position < 0 && i < Math.Min((int)_secondStepCount.Read(), secondSteps.Length); i++)
        {
            if (ReferenceEquals(secondSteps[i].Notifier.Read(), notifier) && secondSteps[i].Step.Read() is not null)
                position = secondSteps[i].Position;
        }

        return position;
    }

    private int FindOwedHit(IntervalNotifier notifier)
    {
        bool hasMoved = notifier.TreeStamp > GatherStamp && !Seeded.Has(SeededDefect.HitSearchedByNewRange);
        ulong start = notifier.RangeLocked.Start;
        LeafHits[] leaves = _leaves;
        int count = Math.Min((int)_leafCount.Read(), leaves.Length);

        // The one before may end with notifiers of the same start.
        int first = hasMoved ? 0 : Math.Max(0, LowerBound(leaves, count, start) - 1);
        for (int i = first; i < count && leaves[i].Leaf.Read() is { } leaf && (hasMoved || leaf.MinStart <= start); i++)
        {
            for (uint owed = leaves[i].Owed; owed != 0; owed &= owed - 1)
            {
                int entry = BitOperations.TrailingZeroCount(owed);
                if (ReferenceEquals(leaf.Notifiers[entry], notifier))
                    return (i * IntervalTreeNode.Capacity) + entry;
            }
        }

        return -1;
    }

    /// <summary>Takes a call back that may still be due.</summary>
    public void TakeBack(int position, long generation)
    {
        LeafHits[] leaves = _leaves;
        int leaf = position / IntervalTreeNode.Capacity;
        if (leaf < leaves.Length)
            leaves[leaf].TakeBack(position % IntervalTreeNode.Capacity, generation);
    }

    /// <summary>Whether a call has left its notifier for good, second step and all. Under the engine lock.</summary>
    public bool HasFinished(in AwaitedHit hit)
    {
        if (hit.Inherited is { } inherited)
            return inherited.Phase == InheritedPhase.Done;
        if (Cursor <= hit.Position)
            return false;
        SecondStep[] secondSteps = _secondSteps;
        for (int i = 0; i < Math.Min((int)_secondStepCount.Read(), secondSteps.Length); i++)
        {
            if (secondSteps[i].Position == hit.Position && secondSteps[i].Step.Read() is not null)
                return Seeded.Has(SeededDefect.SecondStepNotAwaited);
        }

        return true;
    }

    private static int LowerBound(LeafHits[] leaves, int count, ulong start)
    {
        int low = 0;
        int high = count;
        while (low < high)
        {
            int middle = (low + high) >>> 1;
            if (leaves[middle].Leaf.Read() is { } leaf && leaf.MinStart < start)
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
