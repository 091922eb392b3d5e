namespace MmuNotifier.Tests.Stress;

/// <content>Removal that waits, find, and the barrier.</content>
internal sealed partial class StressRun
{
    private void FindAndEdit()
    {
        AddressRange range = AnyRange();
        var before = new StressSnapshot(_devices);
        List<StressNotifier> seen = [];
        foreach (FoundNotifier found in _space.Find(range))
        {
            var notifier = (StressNotifier)found.Notifier;
            seen.Add(notifier);
            Model.Require(notifier.Releases == 0, "a held notifier was released");
            StressRandom.Pause();
            if (StressRandom.Chance(20))
            {
                using (notifier.Device.Lock.Hold())
                {
                    notifier.NoteEdit();
                    notifier.Device.Forget(found.Range);
                    notifier.Device.Notifiers.Remove(notifier);
                    found.RemoveDeferred();
                }
            }

            StressRandom.Pause();
            Model.Require(notifier.Releases == 0, "a held notifier was released");
        }

        foreach ((StressNotifier notifier, AddressRange own) in before.Untouched)
        {
            int times = seen.Count(found => ReferenceEquals(found, notifier));
            Model.Require(times == (own.Overlaps(range) ? 1 : 0), $"a find in {range} saw a notifier of {own} {times} times");
        }
    }

    private void RemoveAndWait()
    {
        StressDevice device = AnyDevice();
        if (Any(device) is not { } notifier)
            return;
        using var source = new CancellationTokenSource();
        if (StressRandom.Chance(30))
            source.CancelAfter(TimeSpan.FromMicroseconds(StressRandom.Current.Next(1, 300)));
        using (device.Lock.Hold())
        {
            notifier.NoteEdit();
            device.Forget(notifier.Range);
            device.Notifiers.Remove(notifier);
            notifier.RemoveDeferred(); // Not one that waits: the callbacks take this lock.
        }

        try
        {
            if (StressRandom.Chance(50))
                notifier.Remove(source.Token);
            else
                notifier.RemoveAsync(source.Token).GetAwaiter().GetResult();
        }
        catch (OperationCanceledException)
        {
            if (StressRandom.Chance(50))
                return; // It continues as a deferred removal.
            notifier.Remove();
        }

        notifier.NoteRemoveReturned();
    }

    private void Synchronize()
    {
        StressNotifier[] removed = [.. Model.Inserted.Where(notifier => notifier.State >= NotifierState.Removing)];
        using var source = new CancellationTokenSource();
        if (StressRandom.Chance(30))
            source.CancelAfter(TimeSpan.FromMicroseconds(StressRandom.Current.Next(1, 300)));
        try
        {
            if (StressRandom.Chance(50))
                _space.Synchronize(source.Token);
            else
                _space.SynchronizeAsync(source.Token).GetAwaiter().GetResult();
        }
        catch (OperationCanceledException)
        {
            return;
        }

        Model.Require(removed.All(notifier => notifier.Releases == 1), "Synchronize returned before a release");
    }
}
