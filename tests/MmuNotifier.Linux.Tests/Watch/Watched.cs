namespace MmuNotifier.Linux.Tests.Watch;

/// <summary>A watch of this process's memory, and what it has reported.</summary>
internal sealed class Watched : WholeSpaceNotifier, IDisposable
{
    private readonly List<(InvalidationEvent Event, AddressRange Range)> _reports = [];
    private readonly AddressSpace _space = new();

    internal Watched(LinuxMemoryWatchOptions? options = null)
    {
        _space.Insert(this);
        Watch = new LinuxMemoryWatch(_space, options);
        if (Watch.Failure is { } failure)
        {
            Watch.Dispose();
            Assert.Skip(failure);
        }
    }

    internal LinuxMemoryWatch Watch { get; }

    internal void RequireRecords() => Assert.SkipUnless(Watch.HasRecords, Watch.RecordsFailure ?? string.Empty);

    /// <summary>Without records of new mappings and mprotect.</summary>
    internal static LinuxMemoryWatchOptions WithoutRecords => new() { UsePerfEvents = false };

    /// <summary>On the assumption that mremap does not take part in races.</summary>
    internal static LinuxMemoryWatchOptions Assuming => new() { AssumeNoForeignRemap = true };

    /// <summary>Whole pages that were touched, and are watched.</summary>
    internal ulong Map(ulong pages)
    {
        ulong address = Calls.MapTouched(pages);
        Add(address, pages);
        return address;
    }

    internal void Add(ulong address, ulong pages)
    {
        Assert.True(Watch.TryWatch(Calls.Pages(address, pages)));
        Watch.CatchUp();
        Clear();
    }

    internal void Clear()
    {
        lock (_reports)
            _reports.Clear();
    }

    /// <summary>Catches up, and takes the reports that overlap the range, in order.</summary>
    internal List<(InvalidationEvent Event, AddressRange Range)> ReportsOn(AddressRange range)
    {
        Watch.CatchUp();
        Assert.Null(Watch.Failure);
        lock (_reports)
            return _reports.FindAll(report => report.Range.Overlaps(range));
    }

    internal bool IsReported(AddressRange range)
    {
        lock (_reports)
            return _reports.Exists(report => report.Range.Contains(range));
    }

    /// <summary>Whether a report was of just this range.</summary>
    internal bool IsReportedAlone(AddressRange range)
    {
        lock (_reports)
            return _reports.Exists(report => report.Range == range);
    }

    public void Dispose()
    {
        Watch.Dispose();
        _space.Exit();
    }

    protected override bool InvalidateStart(in Invalidation invalidation)
    {
        if (invalidation.Event == InvalidationEvent.Release)
            return true;
        lock (_reports)
            _reports.Add((invalidation.Event, invalidation.Range));
        return true;
    }

    protected override void InvalidateEnd(in Invalidation invalidation)
    {
    }
}
