using MmuNotifier.Linux.Native;
using MmuNotifier.Linux.Proc;
using MmuNotifier.Linux.Userfaultfd;

namespace MmuNotifier.Linux.OwnWatching;

/// <content>From events and records to reports.</content>
public sealed partial class OwnMemoryWatch
{
    private const int MaxRecords = 64;

    private readonly Action<UserfaultEvent> _apply;
    private readonly List<MappingRecord> _found = new(MaxRecords);
    private bool _isFailureReported;

    /// <inheritdoc/>
    /// <remarks>Not under a lock that a callback of <see cref="Space"/> takes: it waits for callbacks. The limit is 10 s.</remarks>
    /// <exception cref="MisuseException">It was called under such a lock. <see cref="Failure"/> is set then, for a change is left
    /// unreported.</exception>
    public ulong CatchUp()
    {
        // First the stamp: what is announced after it only makes the next look come here again.
        ulong stamp = Stamp;
        if (Failure is null)
        {
            lock (_lock)
            {
                if (!_isDisposed)
                    Gather();
            }
        }

        if (Failure is not null)
            AddFailure();
        Report();
        return stamp;
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
        lock (_lock)
        {
            if (!_isFailureReported && !_isDisposed)
                _reports.Add(AddressRange.Whole, InvalidationEvent.Unmap);
            _isFailureReported = true;
        }
    }

    /// <summary>Turns all that is announced into reports that wait. Under the lock.</summary>
    /// <remarks>
    /// A mapping that any thread makes sends the next get of a registration cache here, so nothing is allocated, except when the queue of
    /// reports grows.
    /// R1: one thread unmaps watched memory; before it has put its event in the queue, another one maps the address anew and goes on. Only
    /// the new mapping's record has moved the stamp. The kernel counts the change as under way since before it had its effect; so once the
    /// count has been zero, the event has been read, and it says what exactly has gone. If the count does not come to zero, the record
    /// itself is taken for an unmap.
    /// </remarks>
    private void Gather()
    {
        if (!TryApplyEvents())
            return;
        _found.Clear();
        bool isComplete = _records is not null && _records.TryCollect(_ranges, _found, MaxRecords);
        if (isComplete && _found.Count == 0)
            return;
        bool isQuiet = _reader!.TryAwaitQuiet();
        if (!TryApplyEvents())
            return;
        if (isQuiet)
        {
            if (_records is not null)
                CompareProtections(isComplete);
            return;
        }

        if (!isComplete)
            _reports.Add(AddressRange.Whole, InvalidationEvent.Unmap);
        foreach (MappingRecord record in _found)
            _reports.Add(record.Range, InvalidationEvent.Unmap);
        CompareProtections(isComplete: false);
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
        var range = new AddressRange(news.Start, news.Last);
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

    /// <remarks>Where it ends is not told; what is looked up is at least what is there now.</remarks>
    private AddressRange MappingFrom(ulong start) => _mappings!.TryFind(start, out QueriedMapping mapping)
        ? new AddressRange(start, mapping.Last)
        : AddressRange.FromLength(start, PageSize.Bytes);

    private void Unmapped(AddressRange range)
    {
        AddIdle(range);
        _reports.Add(range, InvalidationEvent.Unmap);
    }

    /// <summary>
    /// Reports watched ranges whose protection has changed. The known protection is always one that was looked up, never a record's:
    /// records of several processors come in no order. A change after it was looked up leaves a record that differs from it.
    /// </summary>
    private void CompareProtections(bool isComplete)
    {
        if (!isComplete)
        {
            QueriedMapping last = default;
            foreach (WatchedRange watched in _ranges.All)
            {
                MappingProtection? now = _mappings!.ProtectionOf(watched.Range, ref last);
                if (now != watched.Protection)
                    _reports.Add(watched.Range, InvalidationEvent.ProtectionVma);
                watched.Protection = now;
            }
        }

        foreach (MappingRecord record in _found)
        {
            QueriedMapping last = default;
            AddressRange? changed = null;
            WatchedRange? watched = null;
            while (_ranges.TryNext(record.Range, watched, out watched))
            {
                if (watched.Protection == record.Protection)
                    continue;
                AddressRange overlap = watched.Range.Intersect(record.Range);
                changed = changed?.Hull(overlap) ?? overlap;
                watched.Protection = _mappings!.ProtectionOf(watched.Range, ref last);
            }

            if (changed is { } range)
                _reports.Add(range, InvalidationEvent.ProtectionVma);
        }
    }
}
