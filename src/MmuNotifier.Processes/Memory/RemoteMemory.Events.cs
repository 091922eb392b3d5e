using System.Runtime.InteropServices;
using MmuNotifier.Linux;

namespace MmuNotifier.Processes;

/// <content>The two threads: one reads events and answers faults, one notifies devices.</content>
public sealed unsafe partial class RemoteMemory
{
    private const int EventsPerRead = 32;

    private static readonly byte* s_zeros = (byte*)NativeMemory.AlignedAlloc(PageBytes, PageBytes);

    static RemoteMemory() => NativeMemory.Clear(s_zeros, PageBytes);

    internal bool TryStartThreads()
    {
        var eventReader = new Thread(ReadEvents) { IsBackground = true, Name = $"events of {_processId}" };
        var reporter = new Thread(NotifyDevices) { IsBackground = true, Name = $"changes of {_processId}" };
        try
        {
            Syscall.Start(eventReader);
            _eventReader = eventReader;
            Syscall.Start(reporter);
            _reporter = reporter;
            return true;
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }

    private void StopThreads()
    {
        _isStopping = true;
        _stop.Signal();
        _eventReader?.Join();
        _changes.Close();
        _reporter?.Join();
        _stop.Dispose();
    }

    private void ReadEvents()
    {
        var events = new UserfaultEvent[EventsPerRead];
        Span<PollEntry> polled = stackalloc PollEntry[4];
        bool isGone = false;
        while (!_isStopping)
        {
            polled[0] = PollEntryOf(_serving.Handle);
            polled[1] = PollEntryOf(_noticing.Handle);
            polled[2] = new PollEntry { Descriptor = _stop.Descriptor, Wanted = PollEvents.In };
            polled[3] = PollEntryOf(_process.Handle);
            if (isGone)
                polled[3].Descriptor = -1;
            DescriptorPoll.Wait(polled, -1, out Errno error);
            // Without memory poll reports nothing: then they are read to find out.
            if (error != Errno.None || (polled[0].Returned | polled[1].Returned) != PollEvents.None)
            {
                _changes.Announce();
                ReadFrom(_serving, events);
                ReadFrom(_noticing, events);
                _changes.Add(new RemoteChange(RemoteChangeKind.BatchDone, default));
            }
            else if (polled[3].Returned != PollEvents.None)
            {
                isGone = true;
                NoteExit();
            }
        }
    }

    /// <summary>
    /// To be called when the process has exited, or has executed another program: devices are notified, on another thread. May be called
    /// more than once.
    /// </summary>
    public void NoteExit() => _changes.Add(new RemoteChange(RemoteChangeKind.Exited, AddressRange.Whole));

    private static PollEntry PollEntryOf(SafeHandle handle) =>
        new() { Descriptor = (int)handle.DangerousGetHandle(), Wanted = PollEvents.In };

    // From before an event is read until it is taken in, no page is returned: see Return. The kernel hands out faults before events that
    // are older: a page at the new place of an mremap is touched, say. The event is taken in first, or the fault would be answered with
    // zeros.
    private void ReadFrom(UserfaultfdDescriptor descriptor, UserfaultEvent[] events)
    {
        lock (_taken.Lock)
        {
            int count = descriptor.ReadEvents(events, out _);
            foreach (ref readonly UserfaultEvent news in events.AsSpan(0, count))
            {
                if (news.Kind != UserfaultEventKind.PageFault)
                    HandleEvent(news);
            }

            foreach (ref readonly UserfaultEvent news in events.AsSpan(0, count))
            {
                if (news.Kind == UserfaultEventKind.PageFault)
                    HandleEvent(news);
            }
        }
    }

    private void HandleEvent(in UserfaultEvent news)
    {
        _taken.Lock.AssertHeld();
        AddressRange range = news.Range;
        switch (news.Kind)
        {
            case UserfaultEventKind.PageFault:
                Answer(news.Start, (PageFaultFlags)news.Detail);
                break;
            case UserfaultEventKind.Unmap:
                Change(range, InvalidationEvent.Unmap);
                break;
            case UserfaultEventKind.Remove:
                Removed(range);
                break;
            case UserfaultEventKind.Remap:
                Moved(range, news.Detail);
                break;
            case UserfaultEventKind.Fork:
                GiveToChild(UserfaultfdDescriptor.OfChild(in news));
                _madeWritable.Clear();
                _changes.Add(new RemoteChange(RemoteChangeKind.Changed, AddressRange.Whole, InvalidationEvent.ProtectionPage));
                break;
            case UserfaultEventKind.Duplicate:
                // The new mapping is registered, as the first is; its length is not told, so it is looked at when it is asked for.
                _mappings.ForgetKnown(PageSize.RangeOf(news.Detail));
                _changes.Add(new RemoteChange(RemoteChangeKind.Changed, PageSize.RangeOf(news.Detail), InvalidationEvent.Clear));
                break;
            default:
                // Devices look at everything again. They keep what they have: the process may have no other copy of it.
                _madeWritable.Clear();
                _mappings.ForgetKnown(AddressRange.Whole);
                _changes.Add(new RemoteChange(RemoteChangeKind.Changed, AddressRange.Whole, InvalidationEvent.Clear));
                break;
        }
    }

    // The reporter frees the frames of what was removed, after it has notified the devices.
    private void Change(AddressRange range, InvalidationEvent invalidationEvent, List<TakenPage>? moved = null)
    {
        List<TakenPage> removed;
        lock (_taken.Lock)
        {
            removed = _taken.RemoveAll(range);
            ForgetMadeWritable(range);
            ForgetWholeBlocks(range);
        }

        // Threads that waited for a page of the range touch it again, and find what is there now.
        if (removed.Count > 0 || moved is not null)
            _serving.Wake(range.Start, range.Last);
        if (moved is not null)
            removed.AddRange(moved);
        if (invalidationEvent == InvalidationEvent.Unmap)
            _mappings.Forget(range);

        _changes.Add(new RemoteChange(RemoteChangeKind.Changed, range, invalidationEvent, removed));
    }

    private void Moved(AddressRange range, ulong destination)
    {
        List<TakenPage> replaced;
        lock (_taken.Lock)
            replaced = _taken.Move(range, destination);
        Change(range, InvalidationEvent.Unmap, replaced);
        _mappings.NoteMovedTo(AddressRange.FromLength(destination, range.Length));
    }

    private void ForgetMadeWritable(AddressRange range)
    {
        _taken.Lock.AssertHeld();
        ulong first = range.Start / PageBytes;
        ulong last = range.Last / PageBytes;
        if (last - first > (ulong)_madeWritable.Count)
        {
            _madeWritable.RemoveWhere(range.Contains);
            return;
        }

        for (ulong number = first; number <= last; number++)
            _madeWritable.Remove(number * PageBytes);
    }

    private void ForgetWholeBlocks(AddressRange range)
    {
        _taken.Lock.AssertHeld();
        ulong first = range.Start / HugePage.Bytes;
        ulong last = range.Last / HugePage.Bytes;
        if (last - first > (ulong)_wholeBlocks.Count)
        {
            _wholeBlocks.RemoveWhere(block => range.Overlaps(HugePage.RangeOf(block)));
            return;
        }

        for (ulong number = first; number <= last; number++)
            _wholeBlocks.Remove(number * HugePage.Bytes);
    }

    private void Removed(AddressRange range)
    {
        lock (_taken.Lock)
        {
            foreach (AddressRange news in _ownDrops.TakeNews(range))
            {
                _removals.Add(news);
                Change(news, InvalidationEvent.Clear);
            }
        }
    }

    // The lock is held over the answer: nobody can begin to collect the page between the question and the answer.
    private void Answer(ulong address, PageFaultFlags flags)
    {
        ulong last = address + PageBytes - 1;
        UserfaultfdResult result;
        lock (_taken.Lock)
        {
            bool isTaken = _taken.TryFind(address, out TakenPage page);
            bool isProtected = (flags & PageFaultFlags.WriteProtected) != 0;
            if (isTaken && page.IsAway)
            {
                _changes.Add(new RemoteChange(RemoteChangeKind.Touched, PageSize.RangeOf(address)));
                return;
            }

            // The thread that drops the page wakes those that wait for it when it knows whether the page has gone.
            if (isTaken && page.Transit == PageTransit.Leaving)
                return;
            if (isTaken && page.State == TakenState.Collected)
            {
                // A write waits until the page has moved or was put back. A page that does not exist simply does not move.
                if (isProtected)
                    return;
                _taken.Remove(address, out _);
            }

            if (!isProtected)
                _removals.NoteMissing(address);
            if (isProtected)
                result = _serving.WriteProtect(address, last, protect: false);
            else if ((flags & PageFaultFlags.Write) != 0)
                result = _serving.Copy(address, last, s_zeros);
            else
                result = ZeroPage(address, last);
        }

        // Whatever is in the way has gone or goes now: the touch is made again, and waits again if it must.
        if (!result.Succeeded)
            _serving.Wake(address, last);
    }

    // A page that is protected and does not exist counts as one that is there, for pages of zeros alone.
    private UserfaultfdResult ZeroPage(ulong address, ulong last)
    {
        UserfaultfdResult result = _serving.ZeroPages(address, last);
        return result.Error == Errno.Exists ? _serving.Copy(address, last, s_zeros) : result;
    }

    private void NotifyDevices()
    {
        while (_changes.TryTake(out RemoteChange change))
        {
            switch (change.Kind)
            {
                case RemoteChangeKind.Changed:
                    lock (_mappingLock)
                        Space.Invalidate(change.Range, change.Event);
                    Free(change.Removed ?? []);
                    break;
                case RemoteChangeKind.Touched when !ReturnTouched(change.Range.Start):
                    // The toucher waits on. Later, so that nobody waits for this meanwhile.
                    Thread.Sleep(1);
                    _changes.Add(change);
                    break;
                case RemoteChangeKind.Exited when !_serving.IsTargetAlive() || _process.WaitForExit(0):
                    Exit();
                    break;
                case RemoteChangeKind.BatchDone:
                    _changes.MarkBatchDone();
                    break;
            }
        }
    }

    private void Exit()
    {
        lock (_mappingLock)
        {
            Space.Exit();
            List<TakenPage> left;
            lock (_taken.Lock)
                left = _taken.RemoveAll(AddressRange.Whole);
            Free(left);
        }
    }

    /// <summary>
    /// Waits until the process's own removals in the range have taken effect: their events come before, and no event says when
    /// the pages have gone (docs/linux-facts.md, fact 3). Pages that are taken before that would come back after they were dropped.
    /// </summary>
    /// <returns>The number of the newest removal that is over; pages of newer ones are left alone.</returns>
    private long WaitForRemovals(AddressRange range)
    {
        long end = Environment.TickCount64 + (long)WaitLimit.TotalMilliseconds;
        while (Environment.TickCount64 < end)
        {
            long newest;
            lock (_taken.Lock)
                newest = _removals.Newest;
            bool isCallerBlocked = _serving.IsChangePending();
            lock (_taken.Lock)
            {
                if (isCallerBlocked)
                    _removals.MarkBlocked();
                else
                    _removals.MarkResumed(newest);
                if (!_removals.Overlaps(range))
                    return newest;
            }

            // After the question: what a caller that had resumed by then has not dropped is found present.
            bool isKnown = TryFindPresent(range, out List<ulong> present);
            lock (_taken.Lock)
            {
                if (!isCallerBlocked && isKnown && !present.Exists(MayStillBeDropped))
                    return newest;
            }

            Thread.Sleep(1);
        }

        return 0;
    }

    // A page that is away reads as one that is swapped out.
    private bool MayStillBeDropped(ulong address) =>
        !(_taken.TryFind(address, out TakenPage page) && page.IsAway) && _removals.MayDrop(address);

    /// <returns>False if the kernel did not say: pages may be there all the same.</returns>
    private bool TryFindPresent(AddressRange range, out List<ulong> present)
    {
        var regions = new List<PageRegion>();
        present = [];
        if (_pageMap.ScanPresent(range.Start, range.Last, regions) is not (PageMapStatus.Complete or PageMapStatus.ProcessGone))
            return false;
        foreach (PageRegion region in regions)
        {
            for (ulong number = region.Start / PageBytes; number < region.End / PageBytes; number++)
                present.Add(number * PageBytes);
        }

        return true;
    }
}
