namespace MmuNotifier.Registration;

/// <content>Keeps the rest when a hole was made.</content>
public sealed partial class RegistrationCache<TRegistration>
{
    private void SplitAll(EntryNotifier<TRegistration>? next)
    {
        while (next is { } notifier)
        {
            next = notifier.NextToSplit;
            notifier.NextToSplit = null;
            Split(notifier);
        }
    }

    /// <summary>
    /// The notifier of the whole stays until those of the rests take its place in one batch, which inherit the calls that are due to it. So
    /// every change of a rest between the hole and the batch is in the damage; one that comes later calls the rest's own notifier.
    /// </summary>
    private void Split(EntryNotifier<TRegistration> whole)
    {
        AddressRange range = whole.Entry.Range;
        AddressRange hole = DamageOf(whole);
        EntryNotifier<TRegistration>? left =
            hole.Start > range.Start ? MakeRest(whole, new AddressRange(range.Start, hole.Start - 1)) : null;
        EntryNotifier<TRegistration>? right =
            hole.Last < range.Last ? MakeRest(whole, new AddressRange(hole.Last + 1, range.Last)) : null;
        var batch = new NotifierBatch();
        using (_lock.Hold())
        {
            bool keepsLeft = left is not null && IsUndamaged(left, whole);
            bool keepsRight = right is not null && IsUndamaged(right, whole);
            batch.Remove(whole, range);
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
            whole.IsSplitting = false;
        }

        Drop(left);
        Drop(right);
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
            if (_splitter!.TrySplit(whole.Entry.Registration, whole.Entry.Range, rest, out notifier.Entry.Registration))
            {
                Metrics.Registered(rest);
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
        !whole.Damage!.Value.Overlaps(rest.Entry.Range) || Seeded.Has(SeededDefect.CacheDamageIgnored);

    private bool TryKeepRest(EntryNotifier<TRegistration> rest)
    {
        if (!TryKeep(rest))
            return false;
        Metrics.KeptRest();
        return true;
    }

    private void Drop(EntryNotifier<TRegistration>? rest)
    {
        if (rest is null)
            return;
        if (rest.Space is not null)
            rest.RemoveDeferred();
        Unwatch(rest);
        ReleaseNow(rest.Entry);
    }
}
