using System.Runtime.InteropServices;
using MmuNotifier.Linux;
using static MmuNotifier.Linux.PtraceConstants;

namespace MmuNotifier.Processes;

/// <summary>One traced thread: each method is one ptrace request. Only to be used on the tracer thread.</summary>
/// <remarks>
/// Stops are looked at with WNOWAIT and never consumed. A consumed report clears the exit code in the kernel, and with it the signal
/// of a signal stop: were this process killed then, the detached thread would never get that signal. Unconsumed, it does.
/// </remarks>
internal sealed unsafe class Tracee(int processId, int threadId, bool isOwnChild, Action<string>? afterStep)
{
    internal int ThreadId => threadId;

    /// <summary>What the last <see cref="Look"/> found; a resuming request sets it to running.</summary>
    internal TraceeStop Stop { get; private set; }

    private const Errno NoChild = (Errno)10;
    private const int SignalInformationBytes = 128;

    /// <summary>Starts tracing: the only request whose failure is an ordinary answer.</summary>
    internal Errno TrySeize(int options)
    {
        Errno error = Request(Seize, 0, options);
        AfterStep("seize");
        return error;
    }

    internal void AskToStop() => Do("interrupt", Interrupt, 0, 0);

    internal void Continue(int signal) => Resume("continue", Cont, signal);

    internal void ContinueToSyscall() => Resume("continue to system call", PtraceConstants.ContinueToSyscall, 0);

    /// <summary>Lets the thread go, with the signal it was about to take.</summary>
    internal void LetGo() => Resume("detach", Detach, Stop.Signal);

    internal void SetOptions(int options) => Do("set options", PtraceConstants.SetOptions, 0, options);

    internal Errno TrySetOptions(int options)
    {
        Errno error = Request(PtraceConstants.SetOptions, 0, options);
        AfterStep("set options");
        return error;
    }

    internal PtraceRegisters GetRegisters()
    {
        PtraceRegisters registers;
        Do("get registers", GetRegs, 0, (nint)(&registers));
        return registers;
    }

    internal void SetRegisters(PtraceRegisters registers) => Do("set registers", SetRegs, 0, (nint)(&registers));

    internal ulong GetSignalMask()
    {
        ulong mask;
        Do("get signal mask", GetSigMask, sizeof(ulong), (nint)(&mask));
        return mask;
    }

    internal void SetSignalMask(ulong mask) => Do("set signal mask", SetSigMask, sizeof(ulong), (nint)(&mask));

    /// <summary>The floating-point and vector registers, in the layout that XSAVE writes without compaction.</summary>
    internal byte[] GetExtendedState() => GetRegisterSet(NoteXState, new byte[64 * 1024]);

    /// <summary>A register set, by the number of its note.</summary>
    /// <param name="note">NT_PRSTATUS, NT_PRFPREG or NT_X86_XSTATE.</param>
    /// <param name="buffer">Room for the largest there is.</param>
    internal byte[] GetRegisterSet(int note, byte[] buffer)
    {
        fixed (byte* start = buffer)
        {
            // The kernel writes the length of the state into it.
            var vector = new IoVector((ulong)start, (ulong)buffer.Length);
            Do("get registers", GetRegSet, note, (nint)(&vector));
            return buffer[..(int)vector.LengthBytes];
        }
    }

    /// <summary>The <c>siginfo_t</c> of the stop; empty in a group stop, which has none.</summary>
    internal byte[] GetSignalInformation()
    {
        byte[] information = new byte[SignalInformationBytes];
        fixed (byte* start = information)
            return Request(GetSigInfo, 0, (nint)start) == Errno.None ? information : [];
    }

    internal PtraceSyscallInfo GetSyscallInfo()
    {
        PtraceSyscallInfo info;
        Do("get system call", PtraceConstants.GetSyscallInfo, sizeof(PtraceSyscallInfo), (nint)(&info));
        return info;
    }

    /// <summary>Whether the thread runs under a seccomp filter.</summary>
    internal bool HasFilter() => ThreadStatus.Read(processId, threadId).IsFiltered;

    /// <summary>Where the thread's restartable-sequence area is; all zero when it has none or the kernel does not say.</summary>
    internal PtraceRseqConfiguration GetRseq()
    {
        PtraceRseqConfiguration configuration;
        return Request(GetRseqConfiguration, sizeof(PtraceRseqConfiguration), (nint)(&configuration)) == Errno.None
            ? configuration
            : default;
    }

    internal bool HasSyscallDispatch()
    {
        PtraceDispatchConfiguration configuration;
        return Request(GetDispatchConfiguration, sizeof(PtraceDispatchConfiguration), (nint)(&configuration)) == Errno.None
            && configuration.Mode != 0;
    }

    /// <summary>Looks, without waiting, whether the thread has stopped or exited.</summary>
    /// <remarks>
    /// An exited thread is a zombie until its tracer has taken its status, and holds up the end of its process. So it is taken here, except
    /// that of a main thread whose parent is this process: that is the program's exit status, and belongs to the code that started it.
    /// </remarks>
    internal TraceeStop Look()
    {
        PtraceSigInfo info = default;
        if (Wait(ref info, WaitStopped | WaitExited | WaitNoWait) == NoChild)
            return Stop = new TraceeStop(TraceeState.Gone, 0);
        if (info.ProcessId == 0)
            return Stop = default;
        if (info.Code is not (CodeExited or CodeKilled or CodeDumped))
            return Stop = Decode(info.Status);
        if (!(isOwnChild && threadId == processId))
            Reap();
        return Stop = new TraceeStop(TraceeState.Gone, 0);
    }

    /// <summary>
    /// Takes the status of the thread if it has exited, as <see cref="Look"/> does. The one method for threads other than the tracer: while
    /// the tracer waits in the kernel for an execve, that execve waits for the threads it killed to be reaped.
    /// </summary>
    internal void ReapIfExited()
    {
        PtraceSigInfo info = default;
        if (isOwnChild && threadId == processId)
            return;
        bool isAnswered = Wait(ref info, WaitExited | WaitNoWait) == Errno.None && info.ProcessId != 0;

        // The kernel shows a tracer the stops of its tracees also when it asks for ends only; a stop must stay.
        if (isAnswered && info.Code is CodeExited or CodeKilled or CodeDumped)
            Reap();
    }

    /// <summary>Waits for the thread to stop. Throws when it does not in time, or has exited.</summary>
    internal TraceeStop WaitForStop(TimeSpan limit)
    {
        Backoff backoff = new(limit);
        while (true)
        {
            // Asked before looking: a last look always follows the end of the time.
            bool over = backoff.IsOver;
            TraceeStop stop = Look();
            if (stop.State == TraceeState.Gone)
                throw new TraceeGoneException(threadId);
            if (stop.IsStopped)
                return stop;
            if (over)
                throw new TargetChangedException($"Thread {threadId} of process {processId} did not stop in {limit.TotalSeconds:0.0} s.");
            backoff.Wait();
        }
    }

    internal void AfterStep(string step) => afterStep?.Invoke(step);

    private static TraceeStop Decode(int status) => (status >> 8, status & 0xff) switch
    {
        (EventStop, _) => new TraceeStop(TraceeState.EventStop, 0),
        (EventExec, _) => new TraceeStop(TraceeState.ExecStop, 0),
        (0, SignalTrap | 0x80) => new TraceeStop(TraceeState.SyscallStop, 0),
        (0, int signal) => new TraceeStop(TraceeState.SignalStop, signal),
        (int other, _) => throw new InvalidOperationException($"A ptrace event that was not asked for: {other}."),
    };

    /// <summary>
    /// Asks for the end only: the number may have passed to the thread that executed another program, whose stop must stay.
    /// </summary>
    private void Reap()
    {
        PtraceSigInfo info = default;
        _ = Wait(ref info, WaitExited);
    }

    private Errno Wait(ref PtraceSigInfo info, int options)
    {
        fixed (PtraceSigInfo* pointer = &info)
            return Syscall.WaitFor(IdTypePid, threadId, pointer, WaitAll | WaitNoHang | options);
    }

    private void Resume(string step, int request, int signal)
    {
        // Running first: whatever the request answers, the stop that was known is over.
        Stop = default;
        Do(step, request, 0, signal);
    }

    private void Do(string step, int request, nint address, nint data)
    {
        Errno error = Request(request, address, data);
        if (error == Errno.NoProcess)
            throw new TraceeGoneException(threadId);
        if (error != Errno.None)
            throw new TargetChangedException(
                $"ptrace cannot {step} of thread {threadId} of process {processId}: {Marshal.GetPInvokeErrorMessage((int)error)}.");
        AfterStep(step);
    }

    private Errno Request(int request, nint address, nint data) => Syscall.Ptrace(request, threadId, address, data);
}
