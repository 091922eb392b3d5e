using System.Diagnostics;
using MmuNotifier.Processes;
using MmuNotifier.Tool.Commands;

namespace MmuNotifier.Tool.Core;

/// <summary><c>mmun core --every</c>: cores of the same processes again and again, of which the last ones are kept.</summary>
internal sealed class RepeatedCores
{
    private readonly CoreSeries _series;
    private readonly CancellationToken _end;
    private int _failures;

    private RepeatedCores(CoreSeries series, CancellationToken end) => (_series, _end) = (series, end);

    /// <returns>The exit code.</returns>
    internal static int Run(CoreRequest request, CoreTaker taker, CoreSignals signals)
    {
        using LaunchedProgram? launched = request.ProcessId is null
            ? taker.Launch(request.Program[0], [.. request.Program.Skip(1)])
            : null;
        int processId = request.ProcessId ?? launched!.ProcessId;
        using CoreSeries series = taker.BeginSeries(processId, request.PathOf(processId), request.Keep);
        return new RepeatedCores(series, signals.End).Run(request.Every!.Value);
    }

    private int Run(TimeSpan period)
    {
        long begin = Stopwatch.GetTimestamp();
        TimeSpan due = TimeSpan.Zero;
        while (!_end.IsCancellationRequested && !_series.HasExited)
        {
            TimeSpan left = due - Stopwatch.GetElapsedTime(begin);
            if (left > TimeSpan.Zero)
            {
                _series.WaitForExit(left < CoreSignals.LookInterval ? left : CoreSignals.LookInterval);
                continue;
            }

            Take();
            // What could not be taken in its time is left out.
            TimeSpan now = Stopwatch.GetElapsedTime(begin);
            due = due + period > now ? due + period : now;
        }

        if (!_end.IsCancellationRequested)
            Console.Error.WriteLine($"mmun: Process {_series.ProcessId} has ended, or executes another program.");
        else if (_series.Count == 0)
            Console.Error.WriteLine("mmun: It was asked to end, and no core was written.");
        return _series.Count > 0 && _failures == 0 ? ExitCodes.Success : ExitCodes.Impossible;
    }

    /// <summary>Takes one core. That it cannot be taken is said, and the next one is taken all the same.</summary>
    private void Take()
    {
        try
        {
            _series.Write(CoreRun.Report);
        }
        catch (OperationCanceledException)
        {
            // The end of the loop says so.
        }
        catch (CoreException exception)
        {
            if (_series.HasExited)
                return;
            _failures++;
            Console.Error.WriteLine($"mmun: {exception.Message}");
        }

        CoreRun.NameLeftOut(_series.LeftOut);
    }
}
