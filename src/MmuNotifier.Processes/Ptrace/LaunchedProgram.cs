using System.Collections.Concurrent;
using MmuNotifier.Linux;
using static MmuNotifier.Linux.PtraceConstants;

namespace MmuNotifier.Processes;

/// <summary>A program that was launched: a child of this process, which <see cref="System.Diagnostics.Process"/> does not know.</summary>
/// <remarks>
/// Whether it is disposed of or this process dies: the program keeps running. Members may be called from any thread.
/// </remarks>
public sealed unsafe class LaunchedProgram : IDisposable
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

    /// <summary>Its number.</summary>
    public int ProcessId => _process.ProcessId;

    /// <summary>The program, stopped before its first instruction. Release it to let the program run.</summary>
    internal StoppedProcess Stopped { get; }

    /// <summary>The child was not started through the runtime; until <see cref="Reap"/>.</summary>
    internal static void NoteLaunched(int processId) => Running[processId] = true;

    /// <summary>Whether a child of this process was started by a launcher, so that the runtime does not wait for it.</summary>
    internal static bool IsLaunched(int processId) => Running.ContainsKey(processId);

    /// <summary>Waits for the program's end.</summary>
    /// <param name="limit">How long at most; not negative.</param>
    /// <returns>Its exit code, 128 and the signal when one killed it; null when it still runs.</returns>
    public int? WaitForExit(TimeSpan limit)
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

    /// <summary>Lets the program run on unobserved. Call it before the object that launched it is disposed of.</summary>
    public void Dispose()
    {
        Stopped.Dispose();
        _ = WaitForExit(TimeSpan.Zero);
        _process.Dispose();
    }
}
