namespace MmuNotifier.Tests.Stress;

/// <content>Insertions and edits, under the lock of the device; <see cref="Holes.HolesRun"/> edits without any.</content>
internal sealed partial class StressRun
{
    private const int MaxNotifiers = 24;

    /// <summary>Under the device's lock, inside a callback of the notifier.</summary>
    internal void EditInside(StressNotifier notifier, in Invalidation invalidation)
    {
        if (invalidation.Event == InvalidationEvent.Unmap && StressRandom.Chance(60))
            Cut(notifier, StressRandom.Chance(50) ? invalidation.Range : invalidation.Overlap);
        else if (StressRandom.Chance(10))
            EditLocked(notifier.Device, notifier);
        else if (StressRandom.Chance(20) && notifier.Device.Notifiers is { Count: > 0 } others)
            EditLocked(notifier.Device, others[StressRandom.Current.Next(others.Count)]); // Its own callback may still be due in this walk.
    }

    private void Insert()
    {
        StressDevice device = AnyDevice();
        using (device.Lock.Hold())
        {
            if (device.Notifiers.Count >= MaxNotifiers)
                return;
            StressNotifier notifier = Make(device, StressRandom.Chance(30) ? _owner : null);
            bool mustRefuse = _exitReturned;
            bool inserted = _space.TryInsert(notifier, AnyRange());
            Model.Require(inserted ? !mustRefuse : _exitCalled, $"inserted: {inserted}, exited before: {mustRefuse}");
            if (inserted)
                Track(device, notifier);
        }
    }

    private StressNotifier Make(StressDevice device, object? owner) => new(this, device, owner) { Throws = StressRandom.Chance(5) };

    private void Track(StressDevice device, StressNotifier notifier)
    {
        device.Notifiers.Add(notifier);
        Model.Inserted.Add(notifier);
    }

    private static StressNotifier? Any(StressDevice device)
    {
        using (device.Lock.Hold())
            return device.Notifiers.Count == 0 ? null : device.Notifiers[StressRandom.Current.Next(device.Notifiers.Count)];
    }

    private void EditAny()
    {
        StressDevice device = AnyDevice();
        using (device.Lock.Hold())
        {
            if (device.Notifiers.Count > 0)
                EditLocked(device, device.Notifiers[StressRandom.Current.Next(device.Notifiers.Count)]);
        }
    }

    private void EditLocked(StressDevice device, StressNotifier notifier)
    {
        switch (StressRandom.Current.Next(5))
        {
            case 0:
                RemoveLocked(device, notifier);
                break;
            case 1:
                Move(device, notifier);
                break;
            case 2:
                Cut(notifier, AnyRange());
                break;
            case 3:
                Replace(device, notifier);
                break;
            default:
                Merge(device, notifier);
                break;
        }
    }

    private static void RemoveLocked(StressDevice device, StressNotifier notifier)
    {
        notifier.NoteEdit();
        device.Forget(notifier.Range);
        device.Notifiers.Remove(notifier);
        notifier.RemoveDeferred();
    }

    private static void Move(StressDevice device, StressNotifier notifier)
    {
        notifier.NoteEdit();
        AddressRange from = notifier.Range;
        AddressRange to = AnyRange();
        if (StressRandom.Chance(30) && to.Last >= from.Start)
            to = new AddressRange(from.Start, to.Last);
        EditResult result = StressRandom.Chance(50) ? notifier.Move(to) : notifier.Move(from, to);
        if (result == EditResult.Applied)
            device.ForgetDifference(from, to);
    }

    private void Cut(StressNotifier notifier, AddressRange hole)
    {
        StressDevice device = notifier.Device;
        notifier.NoteEdit();
        AddressRange before = notifier.Range;
        StressNotifier? right = null;
        // The heir of entries that an owner keeps right by itself must have that owner: neither of the two is called for its migrations.
        CutResult result = notifier.Cut(hole, () => right = Make(device, notifier.Owner));
        Model.Require(result != CutResult.Exited || _exitCalled, "a cut says that the space has exited");
        if (result is CutResult.Untouched or CutResult.AlreadyRemoved or CutResult.Exited)
            return;
        device.Forget(hole);
        if (result == CutResult.Removed)
            device.Notifiers.Remove(notifier);
        if (result == CutResult.Split)
            Track(device, right!);
        if (result is CutResult.KeptLeft or CutResult.Split)
            RequireRange(notifier, before.Start, hole.Start - 1);
        if (result is CutResult.KeptRight or CutResult.Split)
            RequireRange(right ?? notifier, hole.Last + 1, before.Last);
    }

    private void RequireRange(StressNotifier notifier, ulong start, ulong last) =>
        Model.Require(notifier.Range == new AddressRange(start, last), $"a cut left {notifier.Range}, not up to {last} from {start}");

    /// <summary>A new notifier takes the place of the old one; the entries stay.</summary>
    private void Replace(StressDevice device, StressNotifier notifier)
    {
        notifier.NoteEdit();
        AddressRange range = notifier.Range;
        StressNotifier heir = Make(device, notifier.Owner);
        EditResult result = _space.Apply(new NotifierBatch().Remove(notifier, range).Insert(heir, range));
        Model.Require(result != EditResult.Exited || _exitCalled, "a batch says that the space has exited");
        if (result != EditResult.Applied)
            return;
        device.Notifiers.Remove(notifier);
        Track(device, heir);
    }

    /// <summary>Joins the notifier with another one of the device: one is removed, the other moved over both; the entries stay.</summary>
    private void Merge(StressDevice device, StressNotifier notifier)
    {
        StressNotifier other = device.Notifiers.Count == 0 ? notifier : device.Notifiers[StressRandom.Current.Next(device.Notifiers.Count)];
        if (ReferenceEquals(other, notifier) || !ReferenceEquals(other.Owner, notifier.Owner))
            return;
        notifier.NoteEdit();
        other.NoteEdit();
        AddressRange own = notifier.Range;
        AddressRange others = other.Range;
        NotifierBatch batch = new NotifierBatch().Remove(notifier, own).Move(other, others, own.Hull(others));
        if (_space.Apply(batch) == EditResult.Applied)
            device.Notifiers.Remove(notifier);
    }
}
