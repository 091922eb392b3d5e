namespace MmuNotifier.Tests.Stress;

/// <content>The operations, drawn by weight.</content>
internal sealed partial class StressRun
{
    private const int MaxNotifiers = 24;

    /// <summary>Starts an invalidation in one of its ways, changes the memory, ends it here or on another thread, checks who was called.</summary>
    internal void Invalidate()
    {
        AddressRange range = AnyRange();
        InvalidationEvent kind = Random.Next(5) switch
        {
            0 => InvalidationEvent.Unmap,
            1 => InvalidationEvent.Migrate,
            2 => InvalidationEvent.ProtectionPage,
            _ => InvalidationEvent.Clear,
        };
        object? owner = kind == InvalidationEvent.Migrate && Chance(50) ? _owner : null;
        StartRecord record = StartRecord.Begin();
        t_depth++;
        bool started = Start(range, kind, owner, out InvalidationScope scope);
        t_depth--;
        StartRecord.End();
        CheckCalls(record, range, started);
        if (!started)
            return;
        if (owner is not null)
            ForgetOwn(range, owner);
        Pause();
        Model.Change(range);
        Pause();
        if (!Chance(10))
        {
            scope.Dispose();
            return;
        }

        Interlocked.Increment(ref _pendingEnds);
        ThreadPool.QueueUserWorkItem(_ =>
        {
            scope.Dispose();
            scope.Dispose();
            Interlocked.Decrement(ref _pendingEnds);
        });
    }

    /// <summary>Who migrates for itself is not called back, and updates its own entries.</summary>
    private void ForgetOwn(AddressRange range, object owner)
    {
        foreach (StressDevice device in _devices)
        {
            lock (device.Lock)
                device.ForgetOf(owner, range);
        }
    }

    /// <summary>Under the device's lock, inside a callback of the notifier.</summary>
    internal void EditInside(StressNotifier notifier, in Invalidation invalidation)
    {
        if (invalidation.Event == InvalidationEvent.Release)
            return;
        if (invalidation.Event == InvalidationEvent.Unmap && Chance(70))
            Cut(notifier, invalidation.Range);
        else if (Chance(10))
            EditLocked(notifier.Device, notifier);
        else if (Chance(20) && notifier.Device.Notifiers is { Count: > 0 } others)
            EditLocked(notifier.Device, others[Random.Next(others.Count)]); // Its own callback may still be due in this walk.
    }

    private void Operate()
    {
        int draw = Random.Next(100);
        if (draw < 35)
            Invalidate();
        else if (draw < 62)
            Read();
        else if (draw < 72)
            AnyDevice().Access(Random.Next(StressModel.Pages));
        else if (draw < 82)
            Insert();
        else if (draw < 92)
            EditAny();
        else if (draw < 95)
            FindAndEdit();
        else if (draw < 97)
            RemoveAndWait();
        else if (draw < 99)
            ComeOrGoWholeSpace();
        else
            Synchronize();
    }

    private bool Start(AddressRange range, InvalidationEvent kind, object? owner, out InvalidationScope scope)
    {
        try
        {
            switch (Random.Next(3))
            {
                case 0:
                    return _space.TryStartInvalidation(range, kind, out scope, owner);
                case 1:
                    scope = _space.ReportInvalidation(range, kind, owner);
                    return true;
                default:
                    scope = _space.StartInvalidation(range, kind, owner);
                    return true;
            }
        }
        catch (InvalidationFailedException)
        {
            scope = default;
            return false;
        }
    }

    private void CheckCalls(StartRecord record, AddressRange range, bool started)
    {
        ulong previous = 0;
        foreach ((_, AddressRange overlap, bool isInherited) in record.Calls)
        {
            Model.Require(range.Contains(overlap), "a callback got an overlap outside of the invalidation");
            Model.Require(isInherited || overlap.Start >= previous, "callbacks were not called in ascending order");
            previous = isInherited ? previous : overlap.Start;
        }

        foreach (StressNotifier stable in _stable)
        {
            AddressRange[] calls = [.. record.Calls.Where(call => ReferenceEquals(call.Notifier, stable)).Select(call => call.Overlap)];
            Model.Require(calls.Length <= 1, "a notifier was called twice");
            if (started && stable.Range.Overlaps(range))
                Model.Require(calls.Length == 1 && calls[0] == stable.Range.Intersect(range), "a notifier was not called for its overlap");
        }
    }

    private void Read()
    {
        StressNotifier? notifier = Any(AnyDevice());
        if (notifier is null)
            return;
        AddressRange range = notifier.Range;
        AddressRange part = Chance(50) ? range : new AddressRange(range.Start, range.Start + ((range.Last - range.Start) / 2));
        ReadSection section = Begin(notifier, part);
        if (section.Status != ReadStatus.Open)
            return;
        Span<long> versions = stackalloc long[StressModel.Pages];
        for (ulong page = part.Start; page <= part.Last; page++)
            versions[(int)(page - part.Start)] = Model.Version((int)page);
        Pause();
        lock (notifier.Device.Lock)
        {
            if (!section.Retry())
                notifier.Device.Commit(notifier, part, versions);
        }
    }

    private static ReadSection Begin(StressNotifier notifier, AddressRange part)
    {
        switch (Random.Next(4))
        {
            case 0:
                return notifier.TryReadBegin(part);
            case 1:
                return notifier.ReadBeginAsync(part).AsTask().GetAwaiter().GetResult();
            case 2:
                using (var source = new CancellationTokenSource())
                {
                    source.CancelAfter(TimeSpan.FromMicroseconds(Random.Next(1, 300)));
                    try
                    {
                        return notifier.ReadBegin(part, null, source.Token);
                    }
                    catch (OperationCanceledException)
                    {
                        return default;
                    }
                }

            default:
                return notifier.ReadBegin(part);
        }
    }

    private void Insert()
    {
        StressDevice device = AnyDevice();
        lock (device.Lock)
        {
            if (device.Notifiers.Count < MaxNotifiers)
                Track(device, Make(device, Chance(30) ? _owner : null), notifier => _space.Insert(notifier, AnyRange()));
        }
    }

    private StressNotifier Make(StressDevice device, object? owner) => new(this, device, isStable: false, owner) { Throws = Chance(5) };

    private void Track(StressDevice device, StressNotifier notifier, Action<StressNotifier> insert)
    {
        insert(notifier);
        device.Notifiers.Add(notifier);
        Model.Inserted.Add(notifier);
    }

    private static StressNotifier? Any(StressDevice device)
    {
        lock (device.Lock)
            return device.Notifiers.Count == 0 ? null : device.Notifiers[Random.Next(device.Notifiers.Count)];
    }

    private void EditAny()
    {
        StressDevice device = AnyDevice();
        lock (device.Lock)
        {
            if (device.Notifiers.Count > 0)
                EditLocked(device, device.Notifiers[Random.Next(device.Notifiers.Count)]);
        }
    }

    private void EditLocked(StressDevice device, StressNotifier notifier)
    {
        switch (Random.Next(4))
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
            default:
                Merge(device, notifier);
                break;
        }
    }

    private static void RemoveLocked(StressDevice device, StressNotifier notifier)
    {
        device.Forget(notifier, AddressRange.Whole);
        device.Notifiers.Remove(notifier);
        notifier.RemoveDeferred();
    }

    private static void Move(StressDevice device, StressNotifier notifier)
    {
        AddressRange from = notifier.Range;
        AddressRange to = AnyRange();
        if (notifier.Move(from, to) != EditResult.Applied)
            return;
        for (ulong page = from.Start; page <= from.Last; page++)
        {
            if (!to.Contains(page))
                device.Forget(notifier, new AddressRange(page, page));
        }
    }

    private void Cut(StressNotifier notifier, AddressRange hole)
    {
        StressDevice device = notifier.Device;
        AddressRange before = notifier.Range;
        StressNotifier? right = null;
        // The heir of entries that an owner keeps right by itself must have that owner: neither of the two is called for its migrations.
        CutResult result = notifier.Cut(hole, () => right = Make(device, notifier.Owner));
        if (result is CutResult.Untouched or CutResult.AlreadyRemoved)
            return;
        device.Forget(notifier, hole);
        if (result == CutResult.Removed)
            device.Notifiers.Remove(notifier);
        if (result != CutResult.Split)
            return;
        Track(device, right!, _ => { });
        device.HandOn(notifier, right!, new AddressRange(hole.Last + 1, before.Last));
    }

    /// <summary>Joins the notifier with another one of the device: one is removed, the other moved over both, the entries handed on.</summary>
    private void Merge(StressDevice device, StressNotifier notifier)
    {
        StressNotifier other = device.Notifiers.Count == 0 ? notifier : device.Notifiers[Random.Next(device.Notifiers.Count)];
        if (ReferenceEquals(other, notifier) || !ReferenceEquals(other.Owner, notifier.Owner))
            return;
        AddressRange own = notifier.Range;
        AddressRange others = other.Range;
        NotifierBatch batch = new NotifierBatch().Remove(notifier, own).Move(other, others, own.Hull(others));
        if (_space.Apply(batch) != EditResult.Applied)
            return;
        device.HandOn(notifier, other, own);
        device.Notifiers.Remove(notifier);
    }

    private void FindAndEdit()
    {
        AddressRange range = AnyRange();
        foreach (FoundNotifier found in _space.Find(range))
        {
            var notifier = (StressNotifier)found.Notifier;
            Model.Require(notifier.Releases == 0, "a held notifier was released");
            Pause();
            if (!notifier.IsStable && Chance(20))
            {
                lock (notifier.Device.Lock)
                    RemoveLocked(notifier.Device, notifier);
            }

            Pause();
            Model.Require(notifier.Releases == 0, "a held notifier was released");
        }
    }

    private void RemoveAndWait()
    {
        StressDevice device = AnyDevice();
        StressNotifier? notifier = Any(device);
        if (notifier is null)
            return;
        Task removal;
        lock (device.Lock)
        {
            device.Forget(notifier, AddressRange.Whole);
            device.Notifiers.Remove(notifier);
            removal = notifier.RemoveAsync();
        }

        if (Chance(50))
            notifier.Remove();
        else
            removal.GetAwaiter().GetResult();
        notifier.NoteRemoveReturned();
    }

    private void ComeOrGoWholeSpace()
    {
        if (Chance(50) && Model.WholeSpaceInserted.Count < 200)
        {
            var notifier = new StressWholeSpaceNotifier(this);
            _space.Insert(notifier);
            Model.WholeSpaceInserted.Add(notifier);
        }
        else if (Model.WholeSpaceInserted.TryPeek(out StressWholeSpaceNotifier? notifier))
        {
            if (Chance(50))
                notifier.RemoveDeferred();
            else
                notifier.Remove();
        }
    }

    private void Synchronize()
    {
        StressNotifier[] removed = [.. Model.Inserted.Where(notifier => notifier.State >= NotifierState.Removing)];
        _space.Synchronize();
        Model.Require(removed.All(notifier => notifier.Releases == 1), "Synchronize returned before a release");
    }
}
