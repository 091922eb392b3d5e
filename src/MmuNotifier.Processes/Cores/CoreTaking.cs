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

    /// <summary>A round that copies more than this part of the best one before does not get nearer to an end.</summary>
    private const double Progress = 0.9;
    private const int MaxRoundsWithoutProgress = 4;

    /// <summary>How much of the longest stop is spent on copying; the rest is for stopping, looking, and what comes up meanwhile.</summary>
    private const double PartForCopy = 0.5;
    private const int MaxStops = 3;

    /// <summary>Of stops in which nothing is copied: they are too short for it, or the disk does not keep up.</summary>
    private const int MaxStopsWithoutProgress = 3;

    /// <summary>What a page costs to copy, if nothing better is known.</summary>
    private static readonly TimeSpan UsualPageCost = TimeSpan.FromMicroseconds(1);

    private readonly ProcessWatcher _watcher;
    private readonly CoreOptions _options;
    private readonly Action _checkpoint;
    private readonly List<CoreImage> _images = [];
    private readonly Dictionary<CoreImage, ProcessFacts> _facts = [];
    private readonly Dictionary<CoreImage, CoreFile> _files = [];
    private readonly ManagedHeaps _heaps = new();
    private readonly SharedMemoryWrites _shared;
    private MemorySharing _sharing = MemorySharing.Unknown;
    private List<Stopped>? _stopped;
    private int _stops;

    /// <summary>When the processes were slowed down for the first time, or stopped in vain; null while they have not been.</summary>
    private long? _slowedSince;

    /// <param name="watcher">Watches the processes.</param>
    /// <param name="options">How.</param>
    /// <param name="checkpoint">Called often while the processes run; may throw to give up.</param>
    internal CoreTaking(ProcessWatcher watcher, CoreOptions options, Action checkpoint)
    {
        (_watcher, _options, _checkpoint) = (watcher, options, checkpoint);
        _shared = new SharedMemoryWrites(_images);
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
        var image = new CoreImage(watch, file, _options.IncludesExcluded, _shared);
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
        _images.ForEach(image => image.Begin());
        _heaps.Begin();
        _stopped = null;
        _stops = 0;
        _slowedSince = null;
        MakeRounds();
        FindHeaps();
        for (int attempt = 1; ; attempt++)
        {
            if (AddMissing())
            {
                MakeRounds();
                FindHeaps();
            }

            bool waitsForHeaps = _options.WaitsForCollector && !IsThrottleOver;
            _stopped = TryStop(waitsForHeaps, isLast: attempt == MaxStops, out bool isHeapInTheWay, out string problem);
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

            _slowedSince ??= Stopwatch.GetTimestamp();
            if (isHeapInTheWay)
            {
                attempt--;
                // So that a stop that follows many others does not have more to copy.
                MakeRound();
                continue;
            }

            if (attempt == MaxStops || IsThrottleOver)
                throw new CoreException(problem);
            MakeRounds();
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

    private bool IsThrottleOver => _slowedSince is { } since && Stopwatch.GetElapsedTime(since) >= _options.MaxThrottle;

    /// <summary>Copies until little is left. If what is left does not get less, the processes are slowed down.</summary>
    private void MakeRounds()
    {
        if (TryMakeRounds() && !_options.AlwaysThrottles)
            return;
        _slowedSince ??= Stopwatch.GetTimestamp();
        while (!IsThrottleOver)
        {
            if (UsualPageCost * MakeThrottledPass() < _options.MaxStop * PartForCopy)
                return;
        }
    }

    /// <remarks>
    /// However long the first round takes: the processes run. It comes to an end, because what the best round has copied can only get less.
    /// </remarks>
    /// <returns>Whether little is left.</returns>
    private bool TryMakeRounds()
    {
        long least = long.MaxValue;
        int withoutProgress = 0;
        while (withoutProgress < MaxRoundsWithoutProgress)
        {
            long copied = MakeRound();
            if (copied < FewPages)
                return true;
            if (copied <= least * Progress)
                (least, withoutProgress) = (copied, 0);
            else
                withoutProgress++;
        }

        return false;
    }

    /// <summary>Copies all that was written since the last pass, in stops. It ends early if they are no use.</summary>
    /// <returns>How many pages it has copied.</returns>
    internal long MakeThrottledPass()
    {
        long before = _images.Sum(image => image.PagesCopied);
        SurveySharing();
        foreach (CoreImage image in _images.ToArray())
        {
            if (!image.BeginPass(_sharing) && image.Watch.IsImageGone)
                Drop(image);
        }

        int withoutProgress = 0;
        while (withoutProgress < MaxStopsWithoutProgress && _images.Exists(image => image.PartsLeft > 0)
            && !IsThrottleOver)
        {
            _checkpoint();
            int left = _images.Sum(image => image.PartsLeft);
            if (!TryStopAndCopyParts())
                break;
            withoutProgress = _images.Sum(image => image.PartsLeft) == left ? withoutProgress + 1 : 0;
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
        SurveySharing();
        long before = _images.Sum(image => image.PagesCopied);
        foreach (CoreImage image in _images.ToArray())
        {
            if (!image.CopyRunning(_sharing, _checkpoint) && image.Watch.IsImageGone)
                Drop(image);
        }

        return _images.Sum(image => image.PagesCopied) - before;
    }

    private void SurveySharing()
    {
        _sharing = _watcher.SurveySharing([.. _images.Select(image => image.Watch)]);
        _shared.Survey(_sharing);
    }

    /// <summary>The first process is the one that was asked for; of the others, those that last are.</summary>
    private void Drop(CoreImage image)
    {
        if (image == _images[0])
            throw new CoreException(GoneMessage(image));
        _images.Remove(image);
        _shared.PassAll(image);
        _facts.Remove(image);
        _files.Remove(image);
        _heaps.Forget(image.Watch);
        image.Dispose();
        OnDropped(image.Watch);
    }

    private static string GoneMessage(CoreImage image) => $"Process {image.Watch.ProcessId} has ended, or executes another program.";

    private void FindHeaps() => _images.ForEach(image => _heaps.Find(image.Watch));

    /// <param name="waitsForHeaps">Whether the stop is in vain if a .NET heap cannot be walked.</param>
    /// <param name="isLast">Whether it is the last try.</param>
    /// <param name="isHeapInTheWay">Whether it was in vain for that.</param>
    /// <param name="problem">Why else it was in vain, for a message.</param>
    private List<Stopped>? TryStop(bool waitsForHeaps, bool isLast, out bool isHeapInTheWay, out string problem)
    {
        isHeapInTheWay = false;
        WatchedProcess[] watches = [.. _images.Select(image => image.Watch)];
        FreezePreparation preparation = FreezePreparation.Make(watches);
        // The registers of all threads are wanted.
        preparation.StopSleepers();
        GC.Collect(0, GCCollectionMode.Forced, blocking: true); // So that none comes while the processes are stopped.
        if (waitsForHeaps)
            _heaps.WaitForGoodMoment(_checkpoint);
        using FrozenProcesses frozen = _watcher.Freeze(watches, _options.FreezeLimit, preparation);
        problem = frozen.Failure ?? frozen.LeftOut.Select(left => left.Reason).FirstOrDefault() ?? "";
        if (problem.Length > 0)
        {
            problem = $"The core cannot be taken: {problem}";
            return null;
        }

        _stops++;
        _watcher.AfterStep?.Invoke("freeze");
        try
        {
            isHeapInTheWay = waitsForHeaps && _heaps.IsStopInVain(frozen);
            if (isHeapInTheWay)
                return null;
            if (MustAddMissing(isLast))
            {
                problem = "The core cannot be taken: new children keep appearing.";
                return null;
            }

            // The others have ended before they were stopped.
            List<CoreImage> stopped = _images.FindAll(image => frozen.Watches.Contains(image.Watch));
            if (stopped.Contains(_images[0]))
                return TryCopy(frozen, stopped, out problem);
            problem = GoneMessage(_images[0]);
            return null;
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
        foreach (CoreImage image in images)
            image.LookFrozen(_sharing);
        _watcher.AfterStep?.Invoke("look");
        MemorySharing sharing = _sharing.CountedAnew([.. frozen.Watches]);
        _shared.Survey(sharing);
        foreach (CoreImage image in images)
        {
            if (!image.TakeBackFrozen(sharing))
            {
                problem = GoneMessage(image);
                return null;
            }
        }

        images.ForEach(_shared.Pass);
        foreach (CoreImage ended in _images)
        {
            if (!images.Contains(ended))
                _shared.PassAll(ended);
        }

        long left = 0, untracked = 0;
        foreach (CoreImage image in images)
        {
            left += image.PlanFrozen();
            untracked += image.PagesUntracked;
        }

        TimeSpan expected = frozen.Elapsed + (UsualPageCost * left);
        if (expected > _options.MaxStop)
        {
            problem = $"The core cannot be taken with a stop of at most {_options.MaxStop.TotalMilliseconds:0.###} ms: "
                + $"{left} pages are left to copy, and it would take about {expected.TotalMilliseconds:0} ms"
                + (UsualPageCost * untracked > _options.MaxStop * PartForCopy
                    ? $"; {untracked} of them are in shared memory or files that must be copied in the stop. Allow a longer one"
                        + " (--max-stop, MaxStop)."
                    : ". Allow a longer one (--max-stop, MaxStop), or slow it down for longer (--max-throttle, MaxThrottle).");
            return null;
        }

        _watcher.AfterStep?.Invoke("plan");
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
                    + $"{image.PagesCopied - before} of {left} pages took longer than that. Allow a longer one "
                    + "(--max-stop, MaxStop).";
                return null;
            }

            _watcher.AfterStep?.Invoke("copy");
            List<ThreadRegisters> threads = frozen.ReadRegisters(image.Watch.ProcessId);
            if (threads.Count == 0)
            {
                problem = GoneMessage(image);
                return null;
            }

            _facts[image] = _facts[image].WithNamesOf(image.Watch.MemoryThreadId);
            image.FindStale();
            stopped.Add(new Stopped(image, threads, before, image.PagesCopied - before, _heaps.Describe(image.Watch, frozen)));
        }

        frozen.Dispose();
        TimeSpan stop = frozen.Elapsed;
        stopped.ForEach(each => each.Stop = stop);
        return stopped;
    }

    private List<string> WarningsOf(CoreReport report, CoreImage image)
    {
        var warnings = new List<string>();
        if (report.Stop > _options.MaxStop && image == _images[0]) // All have been stopped together.
            warnings.Add($"The stop took {report.Stop.TotalMilliseconds:0} ms, more than the "
                + $"{_options.MaxStop.TotalMilliseconds:0.###} ms that it may: it could not be ended in time. The core is complete.");
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
