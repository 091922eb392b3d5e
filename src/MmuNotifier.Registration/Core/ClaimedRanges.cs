namespace MmuNotifier.Registration;

/// <summary>The pages of all registrations that the provider has, or is being asked for, when no two of them may share a page.</summary>
internal sealed class ClaimedRanges
{
    private readonly WaitMonitor _monitor = new();

    /// <summary>They do not overlap, so the order of their starts is that of their ends. Guarded by the monitor.</summary>
    private readonly SortedSet<AddressRange> _claimed = new(
        Comparer<AddressRange>.Create((one, other) => one.Start.CompareTo(other.Start)));

    /// <summary>Written under the monitor, also read without it.</summary>
    private long _changes;

    /// <summary>Moves when a claim ends or a registration can be found: a call that waits looks again.</summary>
    public long Changes => Volatile.Read(ref _changes);

    /// <summary>The whole pages under a range.</summary>
    public static AddressRange PagesOf(AddressRange range)
    {
        ulong mask = (ulong)Environment.SystemPageSize - 1;
        return new AddressRange(range.Start & ~mask, range.Last | mask);
    }

    public bool TryClaim(AddressRange pages)
    {
        using (_monitor.Hold())
        {
            AddressRange before = _claimed.GetViewBetween(default, new AddressRange(pages.Last, pages.Last)).Max;
            bool isFree = before == default || before.Last < pages.Start; // default is no whole page: there is none.
            return isFree && _claimed.Add(pages);
        }
    }

    public void End(AddressRange pages) => Interruption.Defer((Ranges: this, Pages: pages), static each =>
    {
        using (each.Ranges._monitor.Hold())
        {
            each.Ranges._claimed.Remove(each.Pages);
            each.Ranges.NoteChange();
        }
    });

    /// <summary>A registration was published: it may be the one that another call waits to register.</summary>
    public void NotePublished() => Interruption.Defer(this, static ranges =>
    {
        using (ranges._monitor.Hold())
            ranges.NoteChange();
    });

    /// <summary>
    /// Waits for a change, but not longer than that, nor than <see cref="ReleaseCount.LongestWait"/>, for the same reason.
    /// </summary>
    public void Await(long changes, TimeSpan timeout)
    {
        using (_monitor.Hold())
        {
            if (_changes == changes)
                _monitor.Wait(timeout < ReleaseCount.LongestWait ? timeout : ReleaseCount.LongestWait);
        }
    }

    private void NoteChange()
    {
        Volatile.Write(ref _changes, _changes + 1);
        _monitor.Pulse();
    }
}
