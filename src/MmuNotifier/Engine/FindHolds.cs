namespace MmuNotifier;

/// <summary>The holds of finds on notifiers, which delay their release.</summary>
/// <remarks>The field is guarded by the engine lock.</remarks>
internal sealed class FindHolds(EngineLock engineLock, UnreleasedRemovals removals)
{
    /// <summary>How many slots are kept for the next finds: more are in use only where finds are nested, or run on as many
    /// threads.</summary>
    private const int SpareSlots = 16;

    private readonly Stack<FindHoldSlot> _spares = new(SpareSlots);

    public FindHold Take(IntervalNotifier notifier)
    {
        engineLock.AssertHeld();
        if (!_spares.TryPop(out FindHoldSlot? slot))
            slot = new FindHoldSlot();
        notifier.FindHolds++;
        return slot.Take(notifier);
    }

    /// <summary>Harmless for a hold that has ended, and for none.</summary>
    public void End(FindHold hold)
    {
        engineLock.AssertHeld();
        if (hold.Slot is not { } slot || !slot.TryEnd(hold, out IntervalNotifier? notifier))
            return;
        if (_spares.Count < SpareSlots)
            _spares.Push(slot);
        if (--notifier.FindHolds == 0 && notifier.State == NotifierState.Quiet)
            removals.ReleaseIfUnheld(notifier);
    }
}
