using System.Runtime.CompilerServices;

namespace MmuNotifier;

/// <summary>Notes the leaves that a walk of the tree meets as the hits of an invalidation.</summary>
internal ref struct LeafGatherer(ActiveInvalidation invalidation) : ILeafVisitor
{
    private readonly long _generation = invalidation.State.Generation;
    private LeafHits[] _room = invalidation.RoomForLeaves;
    private int _count;

    public readonly int Count => _count;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool Visit(LeafNode leaf, uint entries)
    {
        if (_count == _room.Length)
            _room = invalidation.GrowRoomForLeaves();
        _room[_count++].Set(leaf, entries, _generation);
        return true;
    }
}
