using System.Diagnostics;
using System.Globalization;
using MmuNotifier.Processes;
using MmuNotifier.Tool.Commands;

namespace MmuNotifier.Tool.Core;

/// <summary>
/// <c>mmun core --every</c>: cores of the same processes again and again. The processes stay attached, and a file without a name always has
/// the last core; so only what has changed is copied from them, and each core is a copy of that file.
/// </summary>
internal sealed class CoreSeries : IDisposable
{
    private readonly CoreRequest _request;
    private readonly CoreTree _tree;
    private readonly CancellationToken _end;
    private readonly Queue<List<string>> _kept = [];
    private int _number;
    private int _complete;
    private int _failures;

    private CoreSeries(CoreRequest request, ProcessWatcher watcher, int processId, CancellationToken end)
    {
        (_request, _end) = (request, end);
        _tree = new CoreTree(
            watcher, request.Options, request.PathOf(processId), hasNames: false, request.WithChildren, end.ThrowIfCancellationRequested);
        try
        {
            _tree.Attach(processId);
        }
        catch
        {
            _tree.Dispose();
            throw;
        }
    }

    /// <returns>The exit code.</returns>
    internal static int Run(CoreRequest request, ProcessWatcher watcher, CoreSignals signals)
    {
        using LaunchedProgram? launched = request.ProcessId is null
            ? watcher.LaunchUnwatched(request.Program[0], [.. request.Program.Skip(1)], outputToError: false)
            : null;
        using var series = new CoreSeries(request, watcher, request.ProcessId ?? launched!.ProcessId, signals.End);
        return series.Run(request.Every!.Value);
    }

    public void Dispose() => _tree.Dispose();

    private int Run(TimeSpan period)
    {
        WatchedProcess first = _tree.Members[0].Watch;
        long begin = Stopwatch.GetTimestamp();
        TimeSpan due = TimeSpan.Zero;
        while (!_end.IsCancellationRequested && !first.IsOver && !first.WaitForExit(TimeSpan.Zero))
        {
            TimeSpan left = due - Stopwatch.GetElapsedTime(begin);
            if (left > TimeSpan.Zero)
            {
                first.WaitForExit(left < CoreSignals.LookInterval ? left : CoreSignals.LookInterval);
                continue;
            }

            Take(first);
            // What could not be taken in its time is left out.
            TimeSpan now = Stopwatch.GetElapsedTime(begin);
            due = due + period > now ? due + period : now;
        }

        if (!_end.IsCancellationRequested)
            Console.Error.WriteLine($"mmun: Process {first.ProcessId} has ended, or executes another program.");
        else if (_complete == 0)
            Console.Error.WriteLine("mmun: It was asked to end, and no core was written.");
        return _complete > 0 && _failures == 0 ? ExitCodes.Success : ExitCodes.Impossible;
    }

    /// <summary>Takes one core. That it cannot be taken is said, and the next one is taken all the same.</summary>
    private void Take(WatchedProcess first)
    {
        try
        {
            List<CoreResult> results = _tree.TakeAgain();
            _number++;
            var names = new List<string>();
            _kept.Enqueue(names);
            foreach (CoreResult result in results)
                Keep(result, names);
            _complete++;
            while (_kept.Count > _request.Keep)
                _kept.Dequeue().ForEach(CoreFile.Delete);
        }
        catch (OperationCanceledException)
        {
            // The end of the loop says so.
        }
        catch (CoreException exception)
        {
            if (first.IsImageGone || first.WaitForExit(TimeSpan.Zero))
                return;
            _failures++;
            Console.Error.WriteLine($"mmun: {exception.Message}");
        }

        foreach (string line in _tree.LeftOut)
            Console.Error.WriteLine($"mmun: {line}");
        _tree.LeftOut.Clear();
    }

    private void Keep(CoreResult result, List<string> names)
    {
        CoreMember member = _tree.Members.Single(member => member.Watch.ProcessId == result.Report.ProcessId);
        string path = string.Create(CultureInfo.InvariantCulture, $"{member.Path}.{_number}");
        using CoreFile copy = CoreFile.Create(path);
        member.File.CopyTo(copy, _end.ThrowIfCancellationRequested);
        copy.Publish();
        names.Add(path);
        CoreRun.TellHowToOpen(result, member, path);
        CoreRun.Report(result.Report, path);
    }
}
