using System.Diagnostics;
using System.Globalization;
using MmuNotifier.Processes;

namespace MmuNotifier.Tool.Sampling;

/// <summary>
/// Looks at a process again and again, also when it executes another program. For one thread; the events come from another one.
/// </summary>
internal sealed class ProcessSampler : IDisposable
{
    private const int EventCapacity = 1 << 16;
    private const int MaxAttachAttempts = 20;
    private static readonly TimeSpan AttachPause = TimeSpan.FromMilliseconds(50);

    private readonly EventQueue _queue = new(EventCapacity);
    private readonly SampleBuilder _samples;
    private readonly bool _isLaunched;
    private LiveProcess _process;

    /// <summary>What <see cref="Launch"/> has launched, after it has executed another program: it alone knows the exit code.</summary>
    private LiveProcess? _launched;
    private WriteTracker _tracker;
    private long _begin;
    private long _reported;

    private ProcessSampler(LiveProcess process, RoundCost cost, bool isLaunched)
    {
        (_process, _samples, _isLaunched) = (process, new SampleBuilder(cost), isLaunched);
        try
        {
            _tracker = Begin();
            First = _samples.Begin(_tracker.GetMappings(), _tracker.GetResident());
        }
        catch
        {
            process.Dispose();
            throw;
        }
    }

    internal int ProcessId => _process.ProcessId;

    /// <summary>When the first look was, by this machine's clock.</summary>
    internal DateTimeOffset Began { get; } = DateTimeOffset.UtcNow;

    /// <summary>The look with which it has begun: no time has passed, and nothing was written.</summary>
    internal MemorySample First { get; }

    /// <summary>The program and its arguments, as the process shows them now.</summary>
    internal string Command { get; private set; } = "";

    /// <summary>How often the process was stopped, and for how long in all: each attachment is a stop.</summary>
    internal int Stops { get; private set; }

    internal TimeSpan Stopped { get; private set; }

    /// <summary>What the looks and the events have cost the process until now, estimated.</summary>
    internal TimeSpan Cost { get; private set; }

    /// <summary>Why no more samples come; null while they do.</summary>
    internal string? End { get; private set; }

    /// <summary>Whether the program is gone, as far as it was noticed; the next look says what has become of it.</summary>
    internal bool HasEnded => _process.HasExited;

    /// <summary>Since the first look.</summary>
    internal TimeSpan Elapsed => Stopwatch.GetElapsedTime(_begin);

    /// <exception cref="ProcessAttachException">It cannot be watched; the message says why.</exception>
    internal static ProcessSampler Attach(int processId)
    {
        RoundCost cost = Prepare();
        return new ProcessSampler(LiveProcess.Attach(processId), cost, isLaunched: false);
    }

    /// <summary>Launches a program, which runs from the first look on.</summary>
    /// <exception cref="ProcessAttachException">It cannot be run or watched; the message says why.</exception>
    internal static ProcessSampler Launch(IReadOnlyList<string> command, ProgramStreams streams)
    {
        RoundCost cost = Prepare();
        var sampler = new ProcessSampler(LiveProcess.Launch(command[0], [.. command.Skip(1)], streams), cost, isLaunched: true);
        sampler._process.Start();
        return sampler;
    }

    /// <summary>Looks once.</summary>
    /// <returns>Null when the process has ended, and what it did before was returned: <see cref="End"/> says how.</returns>
    internal MemorySample? Take()
    {
        while (End is null)
        {
            try
            {
                return TakeOne();
            }
            catch (ProcessExitedException)
            {
                FollowExec();
            }
        }

        List<MemoryEvent> events = _queue.Take(out long lost);
        return _samples.End(Elapsed, events, lost);
    }

    /// <summary>Lets the process go. A launched program runs on.</summary>
    public void Dispose()
    {
        _tracker.Dispose();
        _process.Dispose();
        _launched?.Dispose();
    }

    /// <summary>What takes its time and need not be done while a process is stopped.</summary>
    private static RoundCost Prepare()
    {
        LiveProcess.WarmUp();
        return new RoundCost(FirstWriteCost.Measure());
    }

    private WriteTracker Begin()
    {
        _begin = _begin == 0 ? Stopwatch.GetTimestamp() : _begin;
        _process.MemoryChanged += Note;
        Command = ReadCommand(_process.ProcessId);
        if (_process.AttachStop > TimeSpan.Zero)
            Stops++;
        Stopped += _process.AttachStop;
        return _process.TrackWrites();
    }

    private MemorySample TakeOne()
    {
        long begin = Stopwatch.GetTimestamp();
        // Before the look: what the look shows has happened after these events.
        List<MemoryEvent> events = _queue.Take(out long lost);
        WrittenPages written = _tracker.Take();
        long reported = Interlocked.Exchange(ref _reported, 0);
        MemorySample sample = _samples.Add(
            Elapsed, _tracker.GetMappings(), _tracker.GetResident(), written.Ranges, events, lost, reported);
        Cost += sample.Cost;
        return sample with { Duration = Stopwatch.GetElapsedTime(begin) };
    }

    /// <summary>On the thread that reads the events; the process waits for it.</summary>
    private void Note(MemoryChange change)
    {
        Interlocked.Increment(ref _reported);
        _queue.Add(MemoryEvent.Of(change, Elapsed));
    }

    /// <summary>The program is gone: attaches to the one that the process executes now, unless the process has ended.</summary>
    private void FollowExec()
    {
        if (_process.Failure is { } failure)
        {
            End = $"The watch was given up: {failure.Message}";
            return;
        }

        for (int attempt = 0; attempt < MaxAttachAttempts; attempt++)
        {
            if (_process.WaitForExit(attempt == 0 ? TimeSpan.Zero : AttachPause))
                break;
            LiveProcess next;
            try
            {
                next = LiveProcess.Attach(ProcessId);
            }
            catch (ProcessAttachException refusal)
            {
                End = $"Process {ProcessId} executes another program, which cannot be watched: {refusal.Message}";
                continue;
            }

            if (_launched is null && _isLaunched)
                _launched = _process;
            else
                _process.Dispose();
            _process = next;
            _queue.Add(new MemoryEvent(Elapsed, MemoryEventKind.Executed, AddressRange.Whole));
            try
            {
                _tracker = Begin();
                _samples.BeginProgram(_tracker.GetMappings());
                End = null;
                return;
            }
            catch (ProcessExitedException)
            {
                // It has ended, or executes the next one.
            }
        }

        if (_process.WaitForExit(TimeSpan.Zero))
            End = DescribeEnd();
        else
            End ??= $"Process {ProcessId} executes one program after the other.";
    }

    private string DescribeEnd()
    {
        const int firstSignal = 128;
        int? code = (_launched ?? _process).ExitCode;
        string how = code switch
        {
            null => "",
            > firstSignal => string.Create(CultureInfo.InvariantCulture, $", killed by signal {code - firstSignal}"),
            _ => string.Create(CultureInfo.InvariantCulture, $" with exit code {code}"),
        };
        return string.Create(CultureInfo.InvariantCulture, $"Process {ProcessId} has ended{how}.");
    }

    private static string ReadCommand(int processId)
    {
        try
        {
            string line = File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{processId}/cmdline"))
                .Replace('\0', ' ').Trim();
            return line.Length > 0
                ? line
                : File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{processId}/comm")).Trim();
        }
        catch (IOException)
        {
            return "";
        }
    }
}
