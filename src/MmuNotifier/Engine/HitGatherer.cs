using System.Runtime.CompilerServices;

namespace MmuNotifier;

/// <summary>Writes down what a walk of the tree meets as the hits of an invalidation.</summary>
internal ref struct HitGatherer(ActiveInvalidation invalidation, AddressRange range) : IIntervalVisitor
{
    private readonly ulong _start = range.Start;
    private readonly ulong _last = range.Last;
    private Span<Hit> _room = invalidation.RoomForHits;

    public int Count { get; private set; }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool Visit(IntervalNotifier notifier, ulong start, ulong last)
    {
        if (Count >= _room.Length)
            _room = invalidation.GrowRoomForHits();
        ref Hit hit = ref _room[Count];
        hit.Notifier.WriteRelaxed(notifier);
        hit.OverlapStart = Math.Max(start, _start);
        hit.OverlapLast = Math.Min(last, _last);
        Count++;
        return true;
    }
}
