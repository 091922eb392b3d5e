using System.Collections.Concurrent;
using MmuNotifier.Linux;
using static MmuNotifier.Linux.PtraceConstants;

namespace MmuNotifier.Processes;

/// <summary>A program that was launched, stopped before its first instruction until <see cref="Stopped"/> is released.</summary>
/// <remarks>Whether it is disposed of or this process dies: the program keeps running.</remarks>
internal sealed unsafe class LaunchedProgram : IDisposable
{
    private const int SignalBase = 128;

    private static readonly ConcurrentDictionary<int, bool> Running = new();

    private readonly Lock _lock = new();
    private readonly ProcessDescriptor _process;
    private int? _exitCode;

    internal LaunchedProgram(ProcessDescriptor process, StoppedProcess stopped)
    {
        _process = process;
        Stopped = stopped;
        NoteLaunched(process.ProcessId);
    }

    internal int ProcessId => _process.ProcessId;

    /// <summary>The program at its first instruction. Release it to let the program run.</summary>
    internal StoppedProcess Stopped { get; }

    /// <summary>The child was not started through the runtime; until <see cref="Reap"/>.</summary>
    internal static void NoteLaunched(int processId) => Running[processId] = true;

    /// <summary>Whether a child of this process was started by a launcher, so that the runtime does not wait for it.</summary>
    internal static bool IsLaunched(int processId) => Running.ContainsKey(processId);

    /// <summary>
    /// Waits for the program's end and gives its exit code, 128 and the signal when it was killed, or null when it still runs.
    /// </summary>
    internal int? WaitForExit(TimeSpan limit)
    {
        // The pidfd is readable only once the whole process has ended: waiting by waitid would take the stops meant for the tracer.
        bool hasEnded = _process.WaitForExit((int)Math.Min(limit.TotalMilliseconds, int.MaxValue));
        lock (_lock)
            return _exitCode ??= hasEnded ? Reap(ProcessId) : null;
    }

    /// <summary>Takes the exit status of a child that has ended; null when it has not.</summary>
    internal static int? Reap(int processId)
    {
        PtraceSigInfo info = default;
        if (Syscall.WaitFor(IdTypePid, processId, &info, WaitExited | WaitNoHang) != Errno.None || info.ProcessId == 0)
            return null;
        Running.TryRemove(processId, out _);
        return info.Code == CodeExited ? info.Status : SignalBase + info.Status;
    }

    public void Dispose()
    {
        Stopped.Dispose();
        _ = WaitForExit(TimeSpan.Zero);
        _process.Dispose();
    }
}
