namespace MmuNotifier;

/// <content>Which call an active invalidation owes to a notifier. Under the engine lock, inside edits.</content>
public sealed partial class AddressSpace
{
    private readonly FormerPlaces _formerPlaces = new();

    /// <summary>
    /// The position of the call to a notifier that was fixed at the start, if it is not taken back; -1 if there is none. Logarithmic in the
    /// hits of the invalidation.
    /// </summary>
    private int FindHit(ActiveInvalidation active, IntervalNotifier notifier)
    {
        int position = active.FindHit(notifier, notifier.TreePlace);
        for (FormerPlace? former = _formerPlaces.Of(notifier); position < 0 && former is not null; former = former.Next)
            position = active.FindHit(notifier, former.Place);
        return position;
    }

    /// <summary>
    /// Before a notifier leaves its place, inside the edit: keeps in mind where active invalidations met it. One that is not found begins
    /// again, because the version has moved, and meets it at the new place.
    /// </summary>
    private void NotePlace(IntervalNotifier notifier)
    {
        _lock.AssertHeld();
        if (!IsAnyActive())
        {
            _formerPlaces.Clear();
            return;
        }

        FormerPlace? places = null;
        for (FormerPlace? former = _formerPlaces.Of(notifier); former is not null; former = former.Next)
        {
            if (IsMetAt(notifier, former.Place))
                places = new FormerPlace(former.Place, places);
        }

        if (IsMetAt(notifier, notifier.TreePlace))
            places = new FormerPlace(notifier.TreePlace, places);
        _formerPlaces.Set(notifier, places);
    }

    private bool IsMetAt(IntervalNotifier notifier, TreePlace place)
    {
        for (ActiveInvalidation? active = _firstRegistered.Read(); active is not null; active = active.NextRegistered)
        {
            if (active.State.IsActive && active.FindHit(notifier, place) >= 0)
                return true;
        }

        return false;
    }

    private bool IsAnyActive()
    {
        for (ActiveInvalidation? active = _firstRegistered.Read(); active is not null; active = active.NextRegistered)
        {
            if (active.State.IsActive)
                return true;
        }

        return false;
    }
}
