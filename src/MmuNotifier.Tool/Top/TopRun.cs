using System.Diagnostics;
using MmuNotifier.Processes;
using MmuNotifier.Tool.Commands;
using MmuNotifier.Tool.Output;
using MmuNotifier.Tool.Sampling;

namespace MmuNotifier.Tool.Top;

/// <summary>Runs <c>mmun top</c>: takes samples, draws, and handles keys, until the user or the process ends it.</summary>
internal sealed class TopRun : IDisposable
{
    private const int SnapshotWidth = 120, SnapshotRows = 40;
    private static readonly TimeSpan FirstLook = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(1);

    private readonly TopRequest _request;
    private readonly ProcessSampler _sampler;
    private readonly TopModel _model;
    private readonly TopView _view = new(Glyphs.For(Environment.GetEnvironmentVariable));
    private long _before = Stopwatch.GetTimestamp();
    private TimeSpan _processorBefore = Environment.CpuUsage.TotalTime;

    private TopRun(TopRequest request)
    {
        _request = request;
        _sampler = request.ProcessId is { } processId
            ? ProcessSampler.Attach(processId)
            : ProcessSampler.Launch(request.Program, ProgramStreams.Discarded);
        _model = new TopModel { ProcessId = _sampler.ProcessId };
        _model.Add(_sampler.First);
        UpdateCosts();
    }

    internal static int Execute(TopRequest request)
    {
        bool isLive = !request.IsOnce && Terminal.IsOutput();
        Terminal? terminal = null;
        using var signals = new EndSignals(() => Volatile.Read(ref terminal)?.RestoreMode());
        string? end;
        try
        {
            using var run = new TopRun(request);
            if (!isLive)
                return run.LookOnce(signals);
            Volatile.Write(ref terminal, new Terminal());
            end = run.Live(terminal, signals);
        }
        catch (ProcessAttachException refusal)
        {
            terminal?.Dispose();
            Console.Error.WriteLine($"mmun: {refusal.Message}");
            return ExitCodes.Impossible;
        }
        finally
        {
            terminal?.Dispose();
        }

        if (end is not null)
            Console.Error.WriteLine($"mmun: {end}");
        return ExitCodes.Success;
    }

    public void Dispose() => _sampler.Dispose();

    private int LookOnce(EndSignals signals)
    {
        signals.Wait(_request.Interval);
        if (_sampler.Take() is not { } sample)
        {
            Console.Error.WriteLine($"mmun: {_sampler.End}");
            return ExitCodes.Impossible;
        }

        _model.Add(sample);
        UpdateCosts();
        var state = new TopState { Sort = _request.Sort, Filter = _request.Filter };
        if (_request.IsJson)
        {
            Console.Out.WriteLine(TopJson.Write(_model, state));
            return ExitCodes.Success;
        }

        int width = Math.Max(TopColumns.LeastWidth, Terminal.ReadSize()?.Width ?? SnapshotWidth);
        foreach (ScreenLine line in _view.Snapshot(_model, state, width, SnapshotRows))
            Console.Out.WriteLine(line.Text.TrimEnd());
        return ExitCodes.Success;
    }

    /// <returns>Why it has ended, unless the user has ended it.</returns>
    private string? Live(Terminal terminal, EndSignals signals)
    {
        var screen = new TopScreen(TopScreen.IsColoured(Environment.GetEnvironmentVariable));
        var state = new TopState { Sort = _request.Sort, Filter = _request.Filter };
        Span<byte> keys = stackalloc byte[256];
        (int Width, int Height) before = default;
        TimeSpan due = _request.Interval < FirstLook ? _request.Interval : FirstLook;
        while (true)
        {
            signals.ClearWakeIfSet();
            (int width, int height) = Terminal.ReadSize() ?? (80, 24);
            int count = terminal.ReadKeys(keys);
            foreach (TopKey key in TopKey.Decode(keys[..Math.Max(0, count)]))
                state = TopKeys.Apply(state, key, _model, Math.Max(1, height - 8));
            if (state.IsOver || count < 0 || signals.End.IsCancellationRequested)
                return null;
            if (!state.IsPaused && _sampler.Elapsed >= due)
            {
                TimeSpan begin = _sampler.Elapsed;
                if (_sampler.Take() is not { } sample)
                    return _sampler.End;
                _model.Add(sample);
                UpdateCosts();
                due = begin + RoundCost.NextInterval(_request.Interval, sample.Cost);
            }

            if ((width, height) != before)
                Console.Out.Write(TopScreen.Clear);
            before = (width, height);
            state = PageView.Clamp(state, _model, width);
            Console.Out.Write(screen.Draw(_view.Screen(_model, state, width, height)));
            TimeSpan wait = state.IsPaused ? LongestWait : due - _sampler.Elapsed;
            terminal.Wait(signals.WakeDescriptor, wait < LongestWait ? wait : LongestWait);
            // A process that has ended while nobody looks at it.
            if (state.IsPaused && _sampler.HasEnded)
                state = state with { IsPaused = false };
        }
    }

    private void UpdateCosts()
    {
        (_model.Command, _model.Stops, _model.Stopped) = (_sampler.Command, _sampler.Stops, _sampler.Stopped);
        TimeSpan elapsed = Stopwatch.GetElapsedTime(_before), used = Environment.CpuUsage.TotalTime;
        _model.OwnProcessorShare = (used - _processorBefore) / elapsed;
        (_before, _processorBefore) = (Stopwatch.GetTimestamp(), used);
    }
}
