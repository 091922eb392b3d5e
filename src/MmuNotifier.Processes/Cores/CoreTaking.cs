using System.Diagnostics;

namespace MmuNotifier.Processes;

/// <summary>
/// Takes the cores of watched processes, all at one moment: copies their memory in rounds while they run, stops them, copies what was
/// written since, reads the registers, resumes them, and finishes the files.
/// </summary>
/// <remarks>One thread, the owner of the watches.</remarks>
internal sealed class CoreTaking : IDisposable
{
    /// <summary>So few pages are copied in a millisecond or two; another round would not make the stop shorter.</summary>
    private const long FewPages = 1024;

    /// <summary>A round that leaves more than this part of the one before does not get nearer to an end.</summary>
    private const double Progress = 0.9;
    private const int MaxRoundsWithoutProgress = 4;

    /// <summary>How much of the longest stop is spent on copying; the rest is for stopping, looking, and what comes up meanwhile.</summary>
    private const double PartForCopy = 0.5;
    private const int MaxStops = 3;

    /// <summary>In a storm of collections one of some thirty stops meets one.</summary>
    private const int MaxStopsForCollection = 10;

    /// <summary>In a storm of allocations two of three stops meet one.</summary>
    private const int MaxStopsForAllocation = 50;
    private static readonly TimeSpan LongestWaitForCollector = TimeSpan.FromSeconds(2);

    /// <summary>What a page costs to copy, if nothing better is known.</summary>
    private static readonly TimeSpan UsualPageCost = TimeSpan.FromMicroseconds(1);

    private readonly ProcessWatcher _watcher;
    private readonly CoreOptions _options;
    private readonly Action _checkpoint;
    private readonly List<CoreImage> _images = [];
    private readonly Dictionary<CoreImage, ProcessFacts> _facts = [];
    private readonly Dictionary<CoreImage, CoreFile> _files = [];
    private readonly Dictionary<CoreImage, GarbageCollectorState> _collectors = [];
    private readonly Dictionary<CoreImage, string> _unknownCollectors = [];
    private MemorySharing _sharing = MemorySharing.Unknown;
    private List<Stopped>? _stopped;
    private int _stops;

    /// <param name="watcher">Watches the processes.</param>
    /// <param name="options">How.</param>
    /// <param name="checkpoint">Called often while the processes run; may throw to give up.</param>
    internal CoreTaking(ProcessWatcher watcher, CoreOptions options, Action checkpoint)
    {
        (_watcher, _options, _checkpoint) = (watcher, options, checkpoint);
    }

    /// <summary>
    /// Adds processes that belong to those that were added, such as children; called while they run. Answers whether it added any.
    /// </summary>
    internal Func<bool> AddMissing { get; init; } = () => false;

    /// <summary>
    /// Whether the stop is in vain because there are such processes that were not added; called while all others are stopped, with whether
    /// it is the last try.
    /// </summary>
    internal Func<bool, bool> MustAddMissing { get; init; } = _ => false;

    /// <summary>
    /// Called with a process other than the first that has ended, or executes another program: it has no core, and its file is gone. The
    /// processes run.
    /// </summary>
    internal Action<WatchedProcess> OnDropped { get; init; } = _ => { };

    /// <summary>Adds a process and the file for its core, which this disposes of from then on.</summary>
    /// <exception cref="CoreException">The process has ended. The file is still the caller's.</exception>
    internal void Add(WatchedProcess watch, CoreFile file)
    {
        ProcessFacts facts = ProcessFacts.Read(watch.ProcessId, watch.MemoryThreadId);
        var image = new CoreImage(watch, file, _options.IncludesExcluded);
        _images.Add(image);
        _files[image] = file;
        _facts[image] = facts;
    }

    /// <summary>
    /// Copies all of it. The processes run again when this returns, and nothing of them is needed any more: their watches can be released.
    /// Called once more, it takes another core of the same processes, and copies only what has changed.
    /// </summary>
    /// <exception cref="CoreException">They cannot be taken, or not within the limits; the processes run as before.</exception>
    internal void Capture()
    {
        long begin = Stopwatch.GetTimestamp();
        if (_stopped is not null)
            _images.ForEach(image => image.Begin());
        _stopped = null;
        _stops = 0;
        MakeRounds(begin);
        FindCollectors();
        int duringCollection = 0;
        int duringAllocation = 0;
        for (int attempt = 1; ; attempt++)
        {
            if (AddMissing())
            {
                MakeRounds(begin);
                FindCollectors();
            }

            HeapObstacle wait = !_options.WaitsForCollector || duringCollection == MaxStopsForCollection ? HeapObstacle.None
                : duringAllocation == MaxStopsForAllocation ? HeapObstacle.Collection : HeapObstacle.Allocation;
            _stopped = TryStop(wait, isLast: attempt == MaxStops, out HeapObstacle obstacle, out string problem);
            if (_stopped is not null && !SettleExcluded(_stopped))
            {
                _stopped = null;
                problem = "The core cannot be taken: the program keeps changing what it excludes from its cores (MADV_DODUMP).";
            }

            if (_stopped is { } stopped)
            {
                foreach (CoreImage ended in _images.FindAll(image => !stopped.Exists(each => each.Image == image)))
                    Drop(ended);
                return;
            }

            if (obstacle != HeapObstacle.None)
            {
                duringCollection += obstacle == HeapObstacle.Collection ? 1 : 0;
                duringAllocation += obstacle == HeapObstacle.Allocation ? 1 : 0;
                attempt--;
                // So that a stop that follows many others does not have more to copy.
                MakeRound();
                continue;
            }

            if (attempt == MaxStops || Stopwatch.GetElapsedTime(begin) > _options.MaxThrottle)
                throw new CoreException(problem);
            MakeRounds(begin);
        }
    }

    /// <summary>Completes the files; they have not got their names then.</summary>
    /// <exception cref="CoreException">A file cannot be written.</exception>
    internal List<CoreResult> Finish()
    {
        var results = new List<CoreResult>();
        foreach (Stopped each in _stopped ?? throw new InvalidOperationException("Nothing was captured."))
        {
            CoreImage image = each.Image;
            image.WriteStaged();
            List<CoreSegment> segments = image.MakeSegments(out long endOffset);
            ElfCoreWriter writer = new ElfCoreWriter(_files[image]);
            writer.Finish(endOffset, segments, CoreNotes.Build(_facts[image], each.Threads, image.Mappings));
            var report = new CoreReport
            {
                ProcessId = image.Watch.ProcessId,
                Stop = each.Stop,
                Stops = _stops,
                PagesCopiedRunning = each.CopiedRunning,
                PagesCopiedStopped = each.CopiedStopped,
                Threads = each.Threads.Count,
                Segments = segments.Count,
                Moment = each.Moment,
            };
            results.Add(new CoreResult(report with { Warnings = WarningsOf(report, image) }, writer));
        }

        return results;
    }

    public void Dispose()
    {
        foreach (CoreImage image in _images)
            image.Dispose();
        _images.Clear();
    }

    /// <summary>The processes run again; one other than the first that has ended since is taken out of the list.</summary>
    private bool SettleExcluded(List<Stopped> stopped)
    {
        foreach (Stopped each in stopped.ToArray())
        {
            try
            {
                if (!each.Image.SettleExcluded())
                    return false;
            }
            catch (CoreException) when (each.Image != _images[0] && each.Image.Watch.IsImageGone)
            {
                stopped.Remove(each);
            }
        }

        return true;
    }

    /// <summary>Copies until little is left. If what is left does not get less, the processes are slowed down.</summary>
    private void MakeRounds(long begin)
    {
        long before = long.MaxValue;
        int withoutProgress = 0;
        do
        {
            long copied = MakeRound();
            if (copied < FewPages)
                return;
            withoutProgress = copied > before * Progress ? withoutProgress + 1 : 0;
            before = copied;
        }
        while (withoutProgress < MaxRoundsWithoutProgress && Stopwatch.GetElapsedTime(begin) < _options.MaxThrottle);

        while (Stopwatch.GetElapsedTime(begin) < _options.MaxThrottle)
        {
            if (UsualPageCost * MakeThrottledPass(begin) < _options.MaxStop * PartForCopy)
                return;
        }
    }

    /// <summary>Copies all that was written since the last pass, in stops.</summary>
    /// <returns>How many pages it has copied.</returns>
    internal long MakeThrottledPass(long begin)
    {
        long before = _images.Sum(image => image.PagesCopied);
        _sharing = _watcher.SurveySharing([.. _images.Select(image => image.Watch)]);
        foreach (CoreImage image in _images.ToArray())
        {
            if (!image.BeginPass(_sharing) && image.Watch.IsImageGone)
                Drop(image);
        }

        bool isStopped = true;
        while (isStopped && _images.Exists(image => image.HasParts) && Stopwatch.GetElapsedTime(begin) < _options.MaxThrottle)
        {
            _checkpoint();
            isStopped = TryStopAndCopyParts();
        }

        _images.ForEach(image => image.WriteStaged());
        return _images.Sum(image => image.PagesCopied) - before;
    }

    private bool TryStopAndCopyParts()
    {
        WatchedProcess[] watches = [.. _images.Select(image => image.Watch)];
        var preparation = FreezePreparation.Make(watches);
        using FrozenProcesses frozen = _watcher.Freeze(watches, _options.FreezeLimit, preparation);
        _stops++;
        return frozen.Failure is null && frozen.LeftOut.Count == 0
            && _images.TrueForAll(image => image.CopyParts(() => frozen.Elapsed < _options.MaxStop * PartForCopy));
    }

    /// <returns>How many pages it has copied.</returns>
    private long MakeRound()
    {
        // A stop that came to nothing may have copied pages. They are written now: later they would overwrite what the rounds copy.
        _images.ForEach(image => image.WriteStaged());
        _sharing = _watcher.SurveySharing([.. _images.Select(image => image.Watch)]);
        long before = _images.Sum(image => image.PagesCopied);
        foreach (CoreImage image in _images.ToArray())
        {
            if (!image.CopyRunning(_sharing, _checkpoint) && image.Watch.IsImageGone)
                Drop(image);
        }

        return _images.Sum(image => image.PagesCopied) - before;
    }

    /// <summary>The first process is the one that was asked for; of the others, those that last are.</summary>
    private void Drop(CoreImage image)
    {
        if (image == _images[0])
            throw new CoreException(GoneMessage(image));
        _images.Remove(image);
        _facts.Remove(image);
        _files.Remove(image);
        _collectors.Remove(image);
        _unknownCollectors.Remove(image);
        image.Dispose();
        OnDropped(image.Watch);
    }

    private static string GoneMessage(CoreImage image) => $"Process {image.Watch.ProcessId} has ended, or executes another program.";

    private void FindCollectors()
    {
        foreach (CoreImage image in _images)
        {
            if (_collectors.ContainsKey(image))
                continue;
            if (GarbageCollectorState.Find(image.Watch.MemoryId, image.Mappings, out string? whyUnknown) is { } collector)
                _collectors[image] = collector;
            else if (whyUnknown is not null)
                _unknownCollectors[image] = whyUnknown;
        }
    }

    /// <summary>So that the stop, which follows at once, does not meet a collection; it hardly ever does then.</summary>
    private void WaitForCollectors()
    {
        if (!_options.WaitsForCollector)
            return;
        long begin = Stopwatch.GetTimestamp();
        var spin = new SpinWait();
        while (!_collectors.Values.All(IsGoodMoment) && Stopwatch.GetElapsedTime(begin) < LongestWaitForCollector)
        {
            _checkpoint();
            spin.SpinOnce();
        }
    }

    private HeapObstacle FindObstacle(FrozenProcesses frozen, HeapObstacle wait)
    {
        if (wait != HeapObstacle.None && !_collectors.Values.All(IsWalkable))
            return HeapObstacle.Collection;
        return wait == HeapObstacle.Allocation && _collectors.Keys.Any(image => MayAllocate(frozen, image))
            ? HeapObstacle.Allocation
            : HeapObstacle.None;
    }

    private static bool MayAllocate(FrozenProcesses frozen, CoreImage image) =>
        ManagedAllocation.MayBeUnderWay(frozen.ReadRegisters(image.Watch.ProcessId), image.Mappings);

    private string? MomentOf(CoreImage image, List<ThreadRegisters> threads)
    {
        if (_unknownCollectors.TryGetValue(image, out string? whyUnknown))
            return $"it is not known whether in a garbage collection: {whyUnknown}";
        if (!_collectors.TryGetValue(image, out GarbageCollectorState? collector))
            return null;
        if (!collector.TryRead(out HeapMoment moment) || !moment.IsWalkable)
            return "in the middle of a garbage collection, so that the heap cannot be walked";
        string perhaps = ManagedAllocation.MayBeUnderWay(threads, image.Mappings) ? ", perhaps while an object was being made" : "";
        return (IsSwept(moment) ? "while a background garbage collection swept" : "outside a garbage collection") + perhaps;
    }

    private static bool IsWalkable(GarbageCollectorState collector) => collector.TryRead(out HeapMoment moment) && moment.IsWalkable;

    private static bool IsGoodMoment(GarbageCollectorState collector) =>
        collector.TryRead(out HeapMoment moment) && moment.IsWalkable && !IsSwept(moment);

    private static bool IsSwept(HeapMoment moment) => moment.Phase == CollectorPhase.PlanningOrSweeping;

    /// <param name="wait">Obstacles up to this one make the stop vain.</param>
    /// <param name="isLast">Whether it is the last try.</param>
    /// <param name="obstacle">Why the stop was in vain; none if it was not, or if <paramref name="problem"/> says why.</param>
    /// <param name="problem">Why it was in vain, for a message.</param>
    private List<Stopped>? TryStop(HeapObstacle wait, bool isLast, out HeapObstacle obstacle, out string problem)
    {
        obstacle = HeapObstacle.None;
        WatchedProcess[] watches = [.. _images.Select(image => image.Watch)];
        FreezePreparation preparation = FreezePreparation.Make(watches);
        // The registers of all threads are wanted.
        preparation.StopSleepers();
        foreach (CoreImage image in _images)
            image.PrepareFrozen();
        GC.Collect(0, GCCollectionMode.Forced, blocking: true); // So that none comes while the processes are stopped.
        WaitForCollectors();
        using FrozenProcesses frozen = _watcher.Freeze(watches, _options.FreezeLimit, preparation);
        problem = frozen.Failure ?? frozen.LeftOut.Select(left => left.Reason).FirstOrDefault() ?? "";
        if (problem.Length > 0)
        {
            problem = $"The core cannot be taken: {problem}";
            return null;
        }

        _stops++;
        obstacle = FindObstacle(frozen, wait);
        if (obstacle != HeapObstacle.None)
            return null;
        if (MustAddMissing(isLast))
        {
            problem = "The core cannot be taken: new children keep appearing.";
            return null;
        }

        // The others have ended before they were stopped.
        List<CoreImage> stopped = _images.FindAll(image => frozen.Watches.Contains(image.Watch));
        if (!stopped.Contains(_images[0]))
        {
            problem = GoneMessage(_images[0]);
            return null;
        }

        try
        {
            return TryCopy(frozen, stopped, out problem);
        }
        catch (TargetChangedException change)
        {
            problem = $"The core cannot be taken: {change.Message}";
            return null;
        }
    }

    /// <summary>What has to be done while nothing runs.</summary>
    private List<Stopped>? TryCopy(FrozenProcesses frozen, List<CoreImage> images, out string problem)
    {
        problem = "";
        _watcher.AfterStep?.Invoke("freeze");
        foreach (CoreImage image in images)
            image.LookFrozen(_sharing);
        _watcher.AfterStep?.Invoke("look");
        MemorySharing sharing = _sharing.CountedAnew([.. frozen.Watches]);
        long left = 0;
        foreach (CoreImage image in images)
        {
            if (!image.PlanFrozen(sharing, out long pages))
            {
                problem = GoneMessage(image);
                return null;
            }

            left += pages;
        }

        _watcher.AfterStep?.Invoke("plan");
        TimeSpan expected = frozen.Elapsed + (UsualPageCost * left);
        if (expected > _options.MaxStop)
        {
            problem = $"The core cannot be taken with a stop of at most {_options.MaxStop.TotalMilliseconds:0.###} ms: "
                + $"{left} pages are left to copy, and it would take about {expected.TotalMilliseconds:0} ms "
                + "(MaxStop, MaxThrottle; of mmun core: --max-stop, --max-throttle).";
            return null;
        }

        var stopped = new List<Stopped>();
        foreach (CoreImage image in images)
        {
            long before = image.PagesCopied;
            if (!image.CopyFrozen(() => frozen.Elapsed < _options.MaxStop))
            {
                problem = GoneMessage(image);
                return null;
            }

            if (frozen.Elapsed >= _options.MaxStop)
            {
                problem = $"The core cannot be taken with a stop of at most {_options.MaxStop.TotalMilliseconds:0.###} ms: "
                    + $"{image.PagesCopied - before} of {left} pages took longer than that (MaxStop; of mmun core: --max-stop).";
                return null;
            }

            _watcher.AfterStep?.Invoke("copy");
            List<ThreadRegisters> threads = frozen.ReadRegisters(image.Watch.ProcessId);
            image.FindStale();
            stopped.Add(new Stopped(image, threads, before, image.PagesCopied - before, MomentOf(image, threads)));
        }

        frozen.Dispose();
        TimeSpan stop = frozen.Elapsed;
        stopped.ForEach(each => each.Stop = stop);
        return stopped;
    }

    private List<string> WarningsOf(CoreReport report, CoreImage image)
    {
        var warnings = new List<string>();
        if (report.Stop > _options.MaxStop)
            warnings.Add($"The stop took {report.Stop.TotalMilliseconds:0} ms, more than the "
                + $"{_options.MaxStop.TotalMilliseconds:0.###} ms that it may: it could not be ended in time.");
        if (report.Segments > ElfCoreWriter.MostSegmentsForDotnet)
            warnings.Add($"The core has {report.Segments} segments; dotnet-dump and ClrMD read at most "
                + $"{ElfCoreWriter.MostSegmentsForDotnet}, gdb and lldb read it.");
        if (image.PagesUnreadable > 0)
            warnings.Add($"{image.PagesUnreadable} pages could not be read and are zeros in the core.");
        return warnings;
    }

    private sealed record Stopped(
        CoreImage Image, List<ThreadRegisters> Threads, long CopiedRunning, long CopiedStopped, string? Moment)
    {
        internal TimeSpan Stop { get; set; }
    }
}
