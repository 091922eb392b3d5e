namespace MmuNotifier.Linux;

/// <content>From events and records to reports.</content>
public sealed partial class LinuxMemoryWatch
{
    /// <summary>About as many as a ring holds.</summary>
    private const int MaxRecords = 1024;

    /// <inheritdoc/>
    /// <remarks>Not under a lock that a callback of <see cref="Space"/> takes: it waits for callbacks. The limit is 10 s.</remarks>
    /// <exception cref="MisuseException">It was called under such a lock. <see cref="Failure"/> is set then, for a change is left
    /// unreported.</exception>
    public ulong CatchUp()
    {
        long begun = _metrics.BeginCatchUp();
        // First the stamp: what is announced after it only makes the next look come here again.
        ulong stamp = _stamp?.ReadAnnounced() ?? 0;
        if (Failure is null)
        {
            lock (_lock)
            {
                if (!_isDisposed)
                    Gather(isForStamp: true);
            }
        }

        ReportAll();
        _metrics.EndCatchUp(begun);
        return stamp;
    }

    /// <summary>
    /// What the watch's own thread does: reports events. It looks at records only when there are none, for many may come at a time.
    /// </summary>
    private void Follow(bool hasEvents)
    {
        if (Failure is null)
        {
            lock (_lock)
            {
                if (!_isDisposed && TryApplyEvents() && !hasEvents)
                    Gather(isForStamp: false);
            }
        }

        ReportAll();
    }

    private void ReportAll()
    {
        if (Failure is not null)
            AddFailure();
        Report();
    }

    private void Report()
    {
        try
        {
            if (!_reports.TryReportAll(EventReader.Limit))
                Fail($"A callback has not returned within {EventReader.Limit.TotalSeconds} s, so that changes cannot be reported.");
        }
        catch (AddressSpaceExitedException exception)
        {
            Fail($"Changes cannot be reported: {exception.Message}");
        }
        catch (MisuseException exception)
        {
            Fail($"Changes cannot be reported: {exception.Message}");
            throw;
        }
    }

    /// <summary>Whatever was registered is worth nothing from here on.</summary>
    private void AddFailure()
    {
        bool isFirst;
        lock (_lock)
        {
            isFirst = !_isFailureReported && !_isDisposed;
            if (isFirst)
                _reports.Add(AddressRange.Whole, InvalidationEvent.Unmap);
            _isFailureReported = true;
        }

        if (isFirst)
            WatchEventSource.Log.WatchFailed(Failure!);
    }

    /// <summary>Turns all that is announced into reports that wait.</summary>
    /// <remarks>
    /// A mapping that any thread makes sends the next get of a registration cache here, so nothing is allocated, except when the queue of
    /// reports grows. R1: one thread unmaps watched memory; before it has put its event in the queue, another one maps the address again
    /// and continues. Of that there is a record, unless it was made by mremap. The kernel counts the change as under way since before it
    /// had its effect; so once the count has been zero, the event has been read, and it says what exactly has gone. If the count does not
    /// come to zero, the record itself is taken for an unmap; and for a stamp that is relied on for mremap too, everything is.
    /// </remarks>
    /// <param name="isForStamp">Whether somebody is going to rely on the stamp from before this.</param>
    private void Gather(bool isForStamp)
    {
        _lock.AssertHeld();
        if (!TryApplyEvents())
            return;
        _found.Clear();
        bool isComplete = _records is null || _records.TryCollect(_ranges, _found, MaxRecords);
        _metrics.CountRecords(_found.Count);
        bool needsQuiet = isForStamp && _stamp!.IsAsking;
        bool hasRecords = !isComplete || _found.Count > 0;
        if (!hasRecords && !needsQuiet)
            return;
        bool isQuiet = _reader!.TryAwaitQuiet();
        if (!TryApplyEvents())
            return;
        if (!isQuiet && (needsQuiet || !isComplete))
        {
            _metrics.CountGiveUp();
            _reports.Add(AddressRange.Whole, InvalidationEvent.Unmap);
        }
        else if (!isQuiet)
            AddRecordsAsUnmaps();
        if (hasRecords)
            Compare(isComplete);
    }

    private void AddRecordsAsUnmaps()
    {
        foreach (MappingRecord record in _found)
            _reports.Add(record.Range, InvalidationEvent.Unmap);
    }

    private bool TryApplyEvents()
    {
        if (!_reader!.TryAwaitPublished())
        {
            if (_reader.IsRunning)
                Fail($"The reader of the events has not come to read them within {EventReader.Limit.TotalSeconds} s.");
            return false;
        }

        _reader.Apply(_apply);
        return true;
    }

    private void Apply(UserfaultEvent news)
    {
        AddressRange range = news.Range;
        _metrics.CountEvent(news.Kind);
        switch (news.Kind)
        {
            case UserfaultEventKind.Unmap:
                Unmapped(range);
                break;
            case UserfaultEventKind.Remap:
                // What was at the destination has gone as well, and the event of that may come later.
                Unmapped(range);
                Unmapped(new AddressRange(news.Detail, news.Detail + (range.Last - range.Start)));
                break;
            case UserfaultEventKind.Duplicate:
                Unmapped(MappingFrom(news.Detail));
                break;
            case UserfaultEventKind.Remove:
                _removals!.Add(range);
                _reports.Add(range, InvalidationEvent.Clear);
                break;
            case UserfaultEventKind.PageFault:
                _reader!.Userfaultfd.Dismiss(in news);
                break;
            default:
                _removals!.Add(AddressRange.Whole);
                _reports.Add(AddressRange.Whole, InvalidationEvent.Unmap);
                break;
        }
    }

    /// <remarks>The record does not say where it ends; what is looked up is at least what is there now.</remarks>
    private AddressRange MappingFrom(ulong start) => _mappings!.TryFind(start, out QueriedMapping mapping)
        ? new AddressRange(start, mapping.Last)
        : AddressRange.FromLength(start, PageSize.Bytes);

    private void Unmapped(AddressRange range)
    {
        AddIdle(range);
        _reports.Add(range, InvalidationEvent.Unmap);
    }
}
