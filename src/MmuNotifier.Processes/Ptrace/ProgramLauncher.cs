using System.Runtime.InteropServices;
using MmuNotifier.Linux;
using static MmuNotifier.Linux.PtraceConstants;

namespace MmuNotifier.Processes;

/// <summary>Launches a program so that it is stopped after its exec and before its first instruction.</summary>
/// <remarks>
/// Environment, working directory and process group are those of this process, and so are the standard streams unless the caller says
/// otherwise. If this process is killed at any moment, the kernel detaches the shell or the program and closes the gate, and the program
/// runs unwatched.
/// </remarks>
internal static class ProgramLauncher
{
    /// <summary>A program may have to come from a slow disk.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    /// <summary>Launches a program.</summary>
    /// <param name="thread">The tracer.</param>
    /// <param name="program">A path, or a name that is looked for in PATH.</param>
    /// <param name="arguments">What follows the program's name.</param>
    /// <param name="streams">What its standard streams are.</param>
    /// <param name="afterStep">Called after each request.</param>
    internal static LaunchedProgram Launch(
        PtraceThread thread,
        string program,
        IReadOnlyList<string> arguments,
        ProgramStreams streams = ProgramStreams.Inherited,
        Action<string>? afterStep = null)
    {
        string path = ProgramPath.Resolve(program);
        using GatedShell shell = new(path, arguments, streams);
        ProcessDescriptor? process = null;
        StoppedProcess? stopped = null;
        try
        {
            afterStep?.Invoke("spawn");
            process = ProcessDescriptor.Open(shell.ProcessId, out Errno error);
            if (process is null)
                throw new ProcessAttachException(
                    $"Cannot watch {path}: {Marshal.GetPInvokeErrorMessage((int)error)} (pidfd_open, Linux 5.3 or newer).");
            Tracee tracee = new(shell.ProcessId, shell.ProcessId, isOwnChild: true, afterStep);
            stopped = StoppedProcess.Adopt(thread, shell.ProcessId, tracee, afterStep);
            thread.Invoke(() => BringToStart(shell, tracee));
            return new LaunchedProgram(process, stopped);
        }
        catch (Exception exception)
        {
            stopped?.Dispose();
            process?.Dispose();
            shell.Dispose();
            if (exception is not TargetChangedException)
                throw;
            throw new ProcessAttachException(
                LaunchedProgram.Reap(shell.ProcessId) is { } exitCode
                    ? $"{path} could not be executed (exit code {exitCode}): run it by hand to see why."
                    : $"{path} did not come to its first instruction and runs on unwatched: {exception.Message}",
                exception);
        }
    }

    /// <summary>
    /// The first event stop comes when the shell is on its way to user mode, so its own exec, which may still be under way when it is
    /// seized, is over then. The next exec is the program's.
    /// </summary>
    private static void BringToStart(GatedShell shell, Tracee tracee)
    {
        if (tracee.TrySeize(OptionSysGood | OptionTraceExec) != Errno.None)
            throw AttachRefusal.NotPermitted(shell.ProcessId);
        tracee.AskToStop();
        RunUntil(tracee, TraceeState.EventStop);
        shell.Dispose();
        tracee.AfterStep("open gate");
        tracee.Continue(tracee.Stop.Signal);
        RunUntil(tracee, TraceeState.ExecStop);

        // At the exec event the thread is inside execve, whose return still changes a register: continue to its end.
        tracee.AskToStop();
        tracee.Continue(0);
        RunUntil(tracee, TraceeState.EventStop);
        tracee.SetOptions(OptionSysGood);
    }

    /// <summary>Goes on to a stop, giving the thread the signals that come in between.</summary>
    /// <remarks>
    /// Any stop makes the kernel forget that an event stop was asked for, the stop of the shell's own exec too: so ask again.
    /// </remarks>
    private static void RunUntil(Tracee tracee, TraceeState wanted)
    {
        Backoff backoff = new(Limit);
        while (tracee.WaitForStop(Limit).State != wanted)
        {
            if (backoff.IsOver)
                throw new TargetChangedException($"Process {tracee.ThreadId} did not come to its start within {Limit.TotalSeconds:0} s.");
            if (wanted == TraceeState.EventStop)
                tracee.AskToStop();
            tracee.Continue(tracee.Stop.Signal);
        }
    }
}
