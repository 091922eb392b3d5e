namespace MmuNotifier;

/// <summary>
/// Where notifiers were in the tree before they moved, as far as an active invalidation met them there: by its place an invalidation finds
/// the call that it owes to a notifier. Guarded by the engine lock.
/// </summary>
/// <remarks>An invalidation met a notifier at one place, so there are at most as many of one notifier as active invalidations.</remarks>
internal sealed class FormerPlaces
{
    private readonly Dictionary<IntervalNotifier, FormerPlace> _placesOf = new(ReferenceEqualityComparer.Instance);

    /// <summary>The places that a notifier moved from; null if none is of interest.</summary>
    public FormerPlace? Of(IntervalNotifier notifier) => _placesOf.Count == 0 ? null : _placesOf.GetValueOrDefault(notifier);

    public void Set(IntervalNotifier notifier, FormerPlace? places)
    {
        if (places is null)
            Forget(notifier);
        else
            _placesOf[notifier] = places;
    }

    public void Forget(IntervalNotifier notifier)
    {
        if (_placesOf.Count == 0 || !_placesOf.Remove(notifier))
            return;
        if (_placesOf.Count == 0)
            GiveBackRoom();
    }

    /// <summary>For when no invalidation is active.</summary>
    public void Clear()
    {
        if (_placesOf.Count == 0)
            return;
        _placesOf.Clear();
        GiveBackRoom();
    }

    private void GiveBackRoom()
    {
        if (Room.IsMuch(_placesOf.Capacity))
            Room.GiveBack(_placesOf);
    }
}
