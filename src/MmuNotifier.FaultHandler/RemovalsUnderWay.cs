using System.Runtime.InteropServices;
using MmuNotifier.Linux;

namespace MmuNotifier.FaultHandler;

/// <summary>
/// Removals of pages that may not be over. A page that is moved to a device meanwhile would bring back what was removed. One thread adds
/// removals; any thread may call the other members.
/// </summary>
internal sealed unsafe class RemovalsUnderWay
{
    private readonly int* _lock = (int*)NativeMemory.AllocZeroed(1, 64);
    private readonly RemovalTracker<ValueTuple> _removals = new(RemovalLimits.OfMoves, TimeProvider.System);
    private long _newest;
    private long _newestResumed;

    /// <summary>The number of the last that was added.</summary>
    internal long Newest => Volatile.Read(ref _newest);

    /// <summary>Whether the caller of one has not been seen to resume.</summary>
    internal bool HasBlockedCaller => Newest != Volatile.Read(ref _newestResumed);

    internal void Add(AddressRange range)
    {
        NativeLock.Enter(_lock);
        _removals.RemoveOver();
        _removals.Add(range, default);
        Volatile.Write(ref _newest, _removals.Newest);
        NativeLock.Exit(_lock);
    }

    /// <summary>No caller waited at a moment after <see cref="Newest"/> was asked: the callers up to that one have resumed.</summary>
    internal void MarkCallersResumed(long newest)
    {
        NativeLock.Enter(_lock);
        _removals.MarkResumed(newest);
        Volatile.Write(ref _newestResumed, Math.Max(_newestResumed, newest));
        NativeLock.Exit(_lock);
    }

    /// <summary>
    /// Drops those that lie in the range: the caller's own, which has ended, and also those of other callers there. These have not returned
    /// yet, so their removal may count as earlier than whatever was written since.
    /// </summary>
    internal void End(AddressRange range)
    {
        NativeLock.Enter(_lock);
        _removals.RemoveWithin(range);
        NativeLock.Exit(_lock);
    }

    /// <summary>Whether a page of the range may be about to be removed.</summary>
    internal bool Overlaps(AddressRange range)
    {
        NativeLock.Enter(_lock);
        bool isFound = _removals.Overlaps(range);
        NativeLock.Exit(_lock);
        return isFound;
    }

    internal void Free() => NativeMemory.Free(_lock);
}
