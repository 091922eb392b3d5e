namespace MmuNotifier.Tests.Stress;

/// <content>Starts, changes and ends, and the checks of each.</content>
internal sealed partial class StressRun
{
    private enum Outcome
    {
        Started,
        Refused,
        Failed,
    }

    /// <summary>Starts an invalidation in one of its ways, changes the memory, ends it here or on another thread.</summary>
    private void Invalidate()
    {
        (InvalidationEvent kind, object? owner) = StressRandom.Current.Next(6) switch
        {
            0 or 1 => (InvalidationEvent.Unmap, new StressToken()),
            2 => (InvalidationEvent.Migrate, _owner),
            3 => (InvalidationEvent.Exclusive, (object?)null),
            4 => (InvalidationEvent.ProtectionPage, null),
            _ => (InvalidationEvent.Clear, new StressToken()),
        };
        AddressRange range = AnyRange();
        if (!Start(range, kind, owner, null, out InvalidationScope scope))
            return;
        if (StressRandom.Chance(80))
        {
            Change(range);
            End(scope, owner);
            return;
        }

        Interlocked.Increment(ref _pendingEnds);
        ThreadPool.QueueUserWorkItem(_ => ChangeElsewhere(scope, range, owner));
    }

    private void ChangeElsewhere(InvalidationScope scope, AddressRange range, object? owner)
    {
        try
        {
            Change(range);
            End(scope, owner);
        }
        catch (Exception exception)
        {
            Model.Fail($"unexpected: {exception}");
        }

        Interlocked.Decrement(ref _pendingEnds);
    }

    private bool Start(AddressRange range, InvalidationEvent kind, object? owner, InvalidationOrigin? origin, out InvalidationScope scope)
    {
        var snapshot = new StressSnapshot(_devices);
        StressWholeSpaceNotifier[] wholeSpace = WholeSpaceNotifiers();
        List<ReadSection> sections = OpenSections(snapshot, range);
        StartRecord record = StartRecord.Begin();
        t_depth++;
        Outcome outcome = Start(range, kind, owner, origin, record, out scope);
        t_depth--;
        StartRecord.End();
        CheckCalls(snapshot, record, range, notifier => IsSkipped(notifier, kind, owner), outcome);
        CheckWholeSpaceCalls(wholeSpace, record, outcome);
        Model.Require(
            sections.TrueForAll(section => section.MustRetry), "a section that was open when the invalidation started does not retry");
        if (outcome != Outcome.Started)
        {
            if (owner is StressToken token)
                CheckEnded(wholeSpace, token);
            return false;
        }

        if (owner is StressToken open)
            _openTokens.TryAdd(open, wholeSpace);
        if (ReferenceEquals(owner, _owner))
            ForgetOwn(range);
        CheckClosed(snapshot, range);
        return true;
    }

    private Outcome Start(
        AddressRange range, InvalidationEvent kind, object? owner, InvalidationOrigin? origin, StartRecord record,
            out InvalidationScope scope)
    {
        int way = StressRandom.Current.Next(3);
        try
        {
            bool started = true;
            if (way == 0)
                started = _space.TryStartInvalidation(range, kind, out scope, owner, origin);
            else if (way == 1)
                scope = _space.ReportInvalidation(range, kind, owner, origin);
            else
                scope = _space.StartInvalidation(range, kind, owner, origin);
            if (way == 1)
                CheckReport(record);
            Model.Require(started == (record.Refusals == 0), $"started: {started} after {record.Refusals} refusals");
            Model.Require(way == 1 || record.Throws == 0, "a callback threw and the start did not");
            return started ? Outcome.Started : Outcome.Refused;
        }
        catch (InvalidationFailedException exception)
        {
            Model.Require(way != 1, "a report threw");
            Model.Require(exception.InnerExceptions.Count == record.Throws, "a start does not throw what its callbacks threw");
            scope = default;
            return Outcome.Failed;
        }
    }

    /// <summary>The memory changes between a start that returned and its end; meanwhile anything else may happen.</summary>
    private void Change(AddressRange range)
    {
        t_depth++;
        StressRandom.Pause();
        Model.Change(range);
        OperateInside();
        foreach (StressDevice device in _devices)
            device.RequireEmpty(range, "before the end of an invalidation");
        t_depth--;
    }

    private void End(InvalidationScope scope, object? owner)
    {
        if (owner is not StressToken token)
        {
            scope.Dispose();
            return;
        }

        token.NoteEnding();
        _openTokens.TryRemove(token, out StressWholeSpaceNotifier[]? wholeSpace);
        scope.Dispose();
        CheckEnded(wholeSpace!, token);
        if (StressRandom.Chance(20))
            scope.Dispose();
    }

    /// <summary>Who migrates for itself is not called back, and updates its own entries.</summary>
    private void ForgetOwn(AddressRange range)
    {
        foreach (StressDevice device in _devices)
        {
            using (device.Lock.Hold())
                device.Forget(range);
        }
    }

    private static bool IsSkipped(StressNotifier notifier, InvalidationEvent kind, object? owner) =>
        owner is not null && kind is InvalidationEvent.Migrate or InvalidationEvent.Exclusive && ReferenceEquals(owner, notifier.Owner);
}
