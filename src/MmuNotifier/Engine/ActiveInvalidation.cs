using System.Numerics;
using System.Runtime.CompilerServices;

namespace MmuNotifier;

/// <summary>
/// An invalidation, from its start to its end. The thread that starts it fills it and publishes it by its <see cref="State"/>; then every
/// thread may look at it. The thread that made the object uses it again and again.
/// </summary>
/// <remarks>
/// Another thread reads the state (acquire), then the fields, then the state again. If the generation has changed, that invalidation has
/// ended meanwhile, and what was read of it does not matter. A reader never needs to see a later use of the object: whatever is published
/// after the reader's first look at the state meets the reader's own fence; see <see cref="ActiveInvalidations.Find"/>.
/// <para>
/// The runtime puts references first and structs last. So more than a cache line of what others hardly look at lies between the words of
/// one object and those of the next, which another thread may own.
/// </para>
/// </remarks>
internal sealed class ActiveInvalidation(InvalidationPool pool)
{
    public const int PastAllHits = int.MaxValue;

    /// <summary>Readers that wait for the end. Guarded by the engine lock.</summary>
    public WaiterList<AtBlocker> BlockedReaders;

    /// <summary>Calls that batches passed on to others. Guarded by the engine lock.</summary>
    public InheritedHits InheritedHits;

    private AtomicInt64 _state;
    private AtomicInt64 _start;
    private AtomicInt64 _last;
    private AtomicInt64 _originSection;
    private AtomicInt64 _cursor;
    private AtomicInt64 _attention;
    private AtomicInt64 _leafCount;
    private AtomicInt64 _secondStepCount;
    private LeafHits[] _leaves = new LeafHits[2];
    private SecondStep[] _secondSteps = [];
    private int _usesOfFewLeaves;
    private int _usesOfFewSteps;
    private Invalidation _callbackArgument;

    // Made when there is something for them, which most invalidations never have.
    private List<AwaitedCall>? _awaitedCalls;
    private List<WholeSpaceHit>? _wholeSpaceHits;

    public InvalidationPool Pool { get; } = pool;

    public AddressSpace Space => Pool.Space;

    /// <summary>See <see cref="ThreadIndex"/>: the thread that starts it and walks.</summary>
    public int OwnerIndex => Pool.OwnerIndex;

    /// <summary>
    /// The next of the objects that can be in use. Written under the engine lock, read without it: any value that it ever had leads to all
    /// that are behind it and still registered. What it leads to was published before this one, so that no ordering is needed here.
    /// </summary>
    public ActiveInvalidation? NextRegistered { get; set; }

    /// <summary>Guarded by the engine lock.</summary>
    public ActiveInvalidation? PreviousRegistered { get; set; }

    /// <summary>Links the spares of a pool. Guarded by the engine lock.</summary>
    public ActiveInvalidation? NextSpare { get; set; }

    /// <summary>Whether its end gives it back to its pool, because the owner does not look at it any more. Guarded by the engine
    /// lock.</summary>
    public bool IsAside { get; private set; }

    public ActiveState State
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => new(_state.Read());
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

    /// <summary>What callbacks get; the walking thread writes the overlap of each call into it.</summary>
    public ref Invalidation CallbackArgument => ref _callbackArgument;

    public InvalidationMode Mode => _callbackArgument.Mode;

    public object? Owner => _callbackArgument.Owner;

    /// <summary>Whether an owner is named whose own notifiers are not called.</summary>
    public bool HasExemptOwner { get; private set; }

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
    /// Walker: cursor to k, then see whether hit k is still owed. Remover: take hit k away, fence on all threads, then read the cursor. So
    /// either the walker finds the hit taken away or the remover finds the cursor at k or beyond. The walker's side needs no fence.
    /// </remarks>
    public int Cursor
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => (int)_cursor.Read();
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        set => _cursor.Write(value);
    }

    /// <summary>
    /// What edits ask of the walking thread, which takes the lock for it. Same pairing as for <see cref="Cursor"/>: written before the
    /// fence on all threads, read after the cursor has moved. Written under the engine lock.
    /// </summary>
    public Attention Attention => (Attention)_attention.Read();

    /// <summary>Whether removals wait for calls that run, or have second steps that are due.</summary>
    public bool HasAwaitedCalls
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => (_attention.Read() & (long)Attention.Removals) != 0;
    }

    /// <summary>
    /// Calls that removals wait for, and that were not over when the walking thread looked last: as many as removals since. Guarded by the
    /// engine lock.
    /// </summary>
    public List<AwaitedCall> AwaitedCalls => _awaitedCalls ??= [];

    /// <summary>Whether a removal waits for a call or a second step. Guarded by the engine lock.</summary>
    public bool IsAwaited => AwaitedStepCount > 0 || _awaitedCalls is { Count: > 0 };

    /// <summary>How many second steps removals wait for. Guarded by the engine lock.</summary>
    public int AwaitedStepCount { get; set; }

    /// <summary>Calls to whole-space notifiers. Guarded by the engine lock.</summary>
    public List<WholeSpaceHit> WholeSpaceHits => _wholeSpaceHits ??= [];

    /// <summary>How many calls to whole-space notifiers there are. Guarded by the engine lock.</summary>
    public int WholeSpaceHitCount => _wholeSpaceHits?.Count ?? 0;

    /// <summary>How many whole-space pairs were fixed at the start; those behind them are of later registrations.</summary>
    public int OrderedWholeSpaceCount { get; set; }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Reset(AddressRange range, InvalidationMode mode, object? owner, InvalidationOrigin? origin)
    {
        _start.WriteRelaxed((long)range.Start);
        _last.WriteRelaxed((long)range.Last);
        _originSection.WriteRelaxed(origin?.Section ?? 0);
        _cursor.WriteRelaxed(-1);
        _leafCount.WriteRelaxed(0);
        _callbackArgument.Reset(range, mode, owner);
        OrderedWholeSpaceCount = 0;
        if (owner is not null)
            _state.WriteRelaxed(new ActiveState(_state.ReadRelaxed()).AsOwned.Bits);
        HasExemptOwner = owner is not null && mode.Event is InvalidationEvent.Migrate or InvalidationEvent.Exclusive;
    }

    /// <summary>Makes it active for everybody, with a full fence, so that what follows it reads what was there before or later.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Publish() => _state.Exchange(new ActiveState(_state.ReadRelaxed()).AsActive.Bits);

    /// <summary>Asks that its end takes the engine lock. False if it is not (or no longer) in that use.</summary>
    public bool TryRequireLock(long generation)
    {
        while (true)
        {
            ActiveState state = State;
            if (!state.IsActive || state.Generation != generation)
                return false;
            if (state.NeedsLock || _state.CompareExchange(state.AsNeedingLock.Bits, state.Bits) == state.Bits)
                return true;
        }
    }

    /// <summary>Steps from a state that was read to the next. False if it has changed since.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryStep(ActiveState from, ActiveState to) => _state.CompareExchange(to.Bits, from.Bits) == from.Bits;

    /// <summary>Has its end give it back to its pool. False if it is idle.</summary>
    public bool TryPutAside()
    {
        Space.AssertLocked();
        while (true)
        {
            ActiveState state = State;
            if (state.IsIdle)
                return false;

            // Active or ending: the last step of its end takes the lock, and so comes after this.
            if (!state.NeedsLock && !TryStep(state, state.AsNeedingLock))
                continue;
            IsAside = true;
            return true;
        }
    }

    /// <summary>The last step of an end that has more to do than to say so. False if it must take the lock.</summary>
    public bool TryBecomeIdle()
    {
        ForgetOwner();
        ActiveState state = State;
        return !state.NeedsLock && TryStep(state, state.AsIdle);
    }

    /// <summary>The same under the engine lock.</summary>
    public void BecomeIdle()
    {
        Space.AssertLocked();
        ForgetOwner();
        bool wasAside = IsAside;
        IsAside = false;
        _state.Write(new ActiveState(_state.ReadRelaxed()).AsIdle.Bits);
        if (wasAside)
            Pool.TakeBack(this);
    }

    private void ForgetOwner()
    {
        _callbackArgument.ForgetOwner();
        HasExemptOwner = false;
    }

    public void AskFor(Attention attention)
    {
        Space.AssertLocked();
        _attention.Write(_attention.ReadRelaxed() | (long)attention);
    }

    /// <summary>By the walking thread.</summary>
    public void ForgetAttention(Attention attention = Attention.Removals | Attention.Inherited)
    {
        Space.AssertLocked();
        long old = _attention.ReadRelaxed();
        if ((old & (long)attention) != 0)
            _attention.Write(old & ~(long)attention);
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
    /// Releases the leaves that the walk has finished with, or that were gathered for nothing. A thread that finds them gone has seen what
    /// all calls did, and their second steps.
    /// </summary>
    public void DropLeaves()
    {
        int count = LeafCount;
        for (int i = 0; i < count; i++)
            _leaves[i].Leaf.Write(null);
        _leafCount.Write(0);
        _usesOfFewLeaves = Room.IsTooMuch(_leaves.Length, count) ? _usesOfFewLeaves + 1 : 0;
        if (_usesOfFewLeaves == Room.Patience)
        {
            _usesOfFewLeaves = 0;
            Room.GiveBack(ref _leaves, _leaves.Length / 4);
        }
    }

    /// <summary>Called by the walking thread, before the cursor moves on.</summary>
    public void AddSecondStep(ISecondStep step, IntervalNotifier notifier, AddressRange overlap, int position)
    {
        if (SecondStepCount == _secondSteps.Length)
            Array.Resize(ref _secondSteps, Math.Max(4, SecondStepCount * 2));
        ref SecondStep second = ref _secondSteps[SecondStepCount];
        second.Notifier = notifier;
        second.Overlap = overlap;
        second.Position = position;
        second.IsAwaited = false;
        second.Step.WriteRelaxed(step);
        _secondStepCount.Write(SecondStepCount + 1);
    }

    public ref SecondStep SecondStepAt(int index) => ref _secondSteps[index];

    /// <summary>
    /// The rare side of the pairs at <see cref="Cursor"/>: what was written before is seen by the walker's next look, or what the walker
    /// wrote before its last look is seen by us.
    /// </summary>
    public void FenceAgainstWalker()
    {
        if (OwnerIndex != ThreadIndex.Current)
            Fence.ProcessWide();
    }

    /// <summary>For the walking thread. False if the call returned no second step, or that has run.</summary>
    public bool TryAwaitSecondStep(int position)
    {
        Space.AssertLocked();
        int index = FindSecondStep(_secondSteps, position);
        if (index < 0 || _secondSteps[index].Step.ReadRelaxed() is null)
            return false;
        _secondSteps[index].IsAwaited = true;
        AwaitedStepCount++;
        return true;
    }

    /// <remarks>
    /// No ordering: a removal made its fence on all threads before it looks. If the walk looked for attention after its last step before
    /// that fence, what the steps did is seen; if after it, the walk found the attention, and waits for the lock that the removal holds.
    /// </remarks>
    public void DropSecondSteps()
    {
        int count = SecondStepCount;
        for (int i = 0; i < count; i++)
            _secondSteps[i].Notifier = null;
        _secondStepCount.WriteRelaxed(0);
        _usesOfFewSteps = Room.IsTooMuch(_secondSteps.Length, count) ? _usesOfFewSteps + 1 : 0;
        if (_usesOfFewSteps == Room.Patience)
        {
            _usesOfFewSteps = 0;
            Room.GiveBack(ref _secondSteps, _secondSteps.Length / 4);
        }
    }

    /// <summary>
    /// The owner that asked for this migration or exclusive access; its notifiers are not called for it (docs/contract.md, item 3).
    /// </summary>
    public bool SkipsCallbackOf(IntervalNotifier notifier) => HasExemptOwner && ReferenceEquals(Owner, notifier.Owner);

    /// <summary>Whether the walk continues and will look at a leaf again, or a removal will. Inside an edit.</summary>
    public bool IsWalking(LeafNode leaf)
    {
        LeafHits[] leaves = _leaves;
        return FindLeaf(leaves, leaf.FirstPlace, out LeafNode? found) >= 0 && ReferenceEquals(found, leaf);
    }

    /// <summary>
    /// The position of the call to a notifier that was fixed at the start, given where the notifier was in the tree by then; -1 if there is
    /// none, or it was taken back.
    /// </summary>
    public int FindHit(IntervalNotifier notifier, TreePlace place)
    {
        Space.AssertLocked();
        LeafHits[] leaves = _leaves;
        int index = FindLeaf(leaves, place, out LeafNode? leaf);
        if (index < 0)
            return -1;
        for (uint owed = leaves[index].Owed; owed != 0; owed &= owed - 1)
        {
            int entry = BitOperations.TrailingZeroCount(owed);
            if (ReferenceEquals(leaf!.Notifiers[entry], notifier))
                return (index * IntervalTreeNode.Capacity) + entry;
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

    /// <summary>Whether a call has left its notifier for good, second step and all.</summary>
    public bool HasFinished(int position)
    {
        Space.AssertLocked();
        if (Cursor <= position)
            return false;

        // After the cursor: who saw that the call has returned sees the second step that it returned.
        SecondStep[] steps = _secondSteps;
        int index = FindSecondStep(steps, position);
        return index < 0 || steps[index].Step.Read() is null;
    }

    /// <summary>The index of the second step that the call at a position returned; -1 if it returned none, or they are dropped.</summary>
    private int FindSecondStep(SecondStep[] steps, int position)
    {
        int low = 0;
        int high = Math.Min((int)_secondStepCount.Read(), steps.Length);
        int count = high;
        while (low < high)
        {
            StepCount.Add();
            int middle = (low + high) >>> 1;
            if (steps[middle].Position < position)
                low = middle + 1;
            else
                high = middle;
        }

        return low < count && steps[low].Position == position ? low : -1;
    }

    /// <summary>
    /// The last leaf whose first entry is not behind a place: the only one that can have what is there. -1 if there is none. The leaves of
    /// a walk that continues stay as they were, and so does their order; of one that is over, they may be gone.
    /// </summary>
    private int FindLeaf(LeafHits[] leaves, TreePlace place, out LeafNode? found)
    {
        found = null;
        int low = 0;
        int high = Math.Min((int)_leafCount.Read(), leaves.Length);
        while (low < high)
        {
            int middle = (low + high) >>> 1;
            if (leaves[middle].Leaf.Read() is { } leaf && !leaf.FirstPlace.IsAfter(place))
            {
                found = leaf;
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low - 1;
    }
}
