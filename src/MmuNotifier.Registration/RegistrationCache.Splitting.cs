namespace MmuNotifier.Registration;

/// <content>Keeps the rest when a hole was made.</content>
public sealed partial class RegistrationCache<TRegistration>
{
    /// <summary>Called by a miss: the rest that a hole left there may be what it looks for, so that it need not register.</summary>
    private void SplitAt(AddressRange range)
    {
        if (_splitter is null || ProviderCalls.IsReleasing)
            return;
        while (TakeToSplit(range) is { } toSplit)
        {
            Split(toSplit);
            _worker.Signal(); // The thread may have found the whole unreleasable before.
        }
    }

    private EntryNotifier<TRegistration>? TakeToSplit()
    {
        using (_lock.Hold())
            return _releases.TakeToSplit();
    }

    private EntryNotifier<TRegistration>? TakeToSplit(AddressRange range)
    {
        using (_lock.Hold())
        {
            if (!_releases.HasToSplit)
                return null;
            foreach (FoundNotifier found in _watch.Space.Find(range))
            {
                if (found.Notifier is EntryNotifier<TRegistration> { Split: SplitPhase.Due } notifier
                    && ReferenceEquals(notifier.Cache, this))
                    return _releases.TakeToSplit(notifier);
            }

            return null;
        }
    }

    private void Split(EntryNotifier<TRegistration> whole)
    {
        try
        {
            KeepRests(whole);
        }
        finally
        {
            Interruption.Defer((Cache: this, Whole: whole), static each =>
            {
                using (each.Cache._lock.Hold())
                    each.Cache._releases.EndSplit(each.Whole);
            });
        }
    }

    /// <summary>
    /// The notifier of the whole stays until those of the rests take its place in one batch, which inherit the calls that are due to it. So
    /// every change of a rest between the hole and the batch is in the damage; one that comes later calls the rest's own notifier.
    /// </summary>
    private void KeepRests(EntryNotifier<TRegistration> whole)
    {
        AddressRange range = whole.Entry.Range;
        AddressRange hole = DamageOf(whole);
        EntryNotifier<TRegistration>? left =
            hole.Start > range.Start ? MakeRest(whole, new AddressRange(range.Start, hole.Start - 1)) : null;
        EntryNotifier<TRegistration>? right =
            hole.Last < range.Last ? MakeRest(whole, new AddressRange(hole.Last + 1, range.Last)) : null;
        try
        {
            KeepUndamaged(whole, ref left, ref right);
        }
        finally
        {
            Drop(left);
            Drop(right);
        }
    }

    /// <summary>Sets to null what is kept.</summary>
    private void KeepUndamaged(
        EntryNotifier<TRegistration> whole, ref EntryNotifier<TRegistration>? left, ref EntryNotifier<TRegistration>? right)
    {
        var batch = new NotifierBatch();
        using (_lock.Hold())
        {
            bool keepsLeft = left is not null && IsUndamaged(left, whole);
            bool keepsRight = right is not null && IsUndamaged(right, whole);
            batch.Remove(whole, whole.Entry.Range);
            if (keepsLeft)
                batch.Insert(left!, left!.Entry.Range);
            if (keepsRight)
                batch.Insert(right!, right!.Entry.Range);
            if (_watch.Space.Apply(batch) == EditResult.Applied)
            {
                // Callbacks of the rests take the lock, and find them valid.
                if (keepsLeft && TryKeepRest(left!))
                    left = null;
                if (keepsRight && TryKeepRest(right!))
                    right = null;
            }

            TryMakeRoom(0, 0);
        }
    }

    private AddressRange DamageOf(EntryNotifier<TRegistration> notifier)
    {
        using (_lock.Hold())
            return notifier.Damage!.Value;
    }

    /// <summary>Null if the rest cannot be watched for itself, or the provider cannot split it off.</summary>
    private EntryNotifier<TRegistration>? MakeRest(EntryNotifier<TRegistration> whole, AddressRange rest)
    {
        EntryNotifier<TRegistration> notifier = MakeEntry(rest);
        if (!TryWatch(notifier))
            return null;
        try
        {
            using ProviderCalls.Scope call = ProviderCalls.Enter(this, isRelease: true);
            if (_splitter!.TrySplit(whole.Entry.Registration, whole.Entry.Range, rest, out notifier.Entry.Registration))
            {
                Metrics.NoteRegistered(rest);
                return notifier;
            }
        }
        catch (Exception exception)
        {
            Report(RegistrationProblem.SplitFailed, $"TrySplit of {rest} from {whole.Entry.Range} threw: {exception.Message}", exception);
        }

        Unwatch(notifier);
        return null;
    }

    private static bool IsUndamaged(EntryNotifier<TRegistration> rest, EntryNotifier<TRegistration> whole) =>
        !whole.Damage!.Value.Overlaps(rest.Entry.Range);

    private bool TryKeepRest(EntryNotifier<TRegistration> rest)
    {
        if (!TryKeep(rest))
            return false;
        Metrics.NoteKeptRest();
        return true;
    }

    private void Drop(EntryNotifier<TRegistration>? rest)
    {
        if (rest is null)
            return;
        StopWatching(rest);
        ReleaseNow(rest.Entry);
    }
}
