using MmuNotifier.Linux;
using static MmuNotifier.Linux.PtraceConstants;

namespace MmuNotifier.Processes;

/// <summary>Makes system calls inside a stopped process, so that it survives the death of this process at any moment.</summary>
/// <remarks>
/// <para>
/// A thread of the target is made to execute <c>syscall; ret</c> with a stack whose return address leads into rt_sigreturn and a signal
/// frame that holds everything the thread was. Whenever the kernel lets it go because this process died, the thread finishes the call
/// and returns into its own past. What death does after each request:
/// </para>
/// <list type="table">
/// <item><term>frame written</term><description>nothing: the bytes lie where nobody looks</description></item>
/// <item><term>registers set</term><description>getpid, then rt_sigreturn; signals may be handled on top of the frame</description></item>
/// <item><term>signals blocked</term><description>the same; rt_sigreturn puts the mask back</description></item>
/// <item><term>getpid exchanged for the call, at its entry</term><description>the call is made, then rt_sigreturn</description></item>
/// <item><term>at the exit of the call</term><description>rt_sigreturn</description></item>
/// <item><term>a call prepared</term><description>that call is made, then rt_sigreturn: see <see cref="Prepare"/></description></item>
/// <item><term>signal mask put back</term><description>rt_sigreturn puts the same mask back again</description></item>
/// <item><term>registers put back</term><description>as after a release; the frame's bytes are dead</description></item>
/// </list>
/// <para>
/// The target is not single-stepped: a trap flag that outlives the tracer kills. In the ordinary course rt_sigreturn is never made:
/// the thread is stopped on its way out of the last call, and gets its registers back there, with the number of the call it was in.
/// So the kernel restarts that call itself, time-outs included. Only after our death does a call with a relative time-out start again.
/// </para>
/// <para>
/// Known limits: under a seccomp filter the filter is suspended, but comes back with our death, and then sees the injected call.
/// </para>
/// </remarks>
internal sealed class RemoteCall
{
    /// <summary>A call that is not finished within this time is left to end by itself.</summary>
    private static readonly TimeSpan CallLimit = TimeSpan.FromSeconds(2);

    private const ulong TrapFlag = 1 << 8;
    private const ulong NoSystemCall = ulong.MaxValue;
    private const byte AtEntry = 1, AtExit = 2;
    private const long HarmlessNumber = 39;
    private const int SyscallLength = 2;

    /// <summary>-ENOSYS: what the kernel has in the register for the result on entry.</summary>
    private const long NotYetAnswered = -38;

    private readonly StoppedProcess _process;
    private readonly Tracee _tracee;
    private readonly Gadgets _gadgets;
    private readonly PtraceRegisters _original;
    private readonly ulong _signalMask;
    private readonly ulong _frame;
    private readonly byte[] _image;
    private readonly byte[] _overwritten;
    private readonly byte[] _state;
    private readonly int _frameSize;
    private bool _begun;
    private bool _hasRun;
    private int _keptSignal;
    private (ulong Address, byte[]? Content) _childStack;

    private RemoteCall(StoppedProcess process, Tracee tracee, Gadgets gadgets, ulong frame)
    {
        _process = process;
        _tracee = tracee;
        _gadgets = gadgets;
        _original = tracee.GetRegisters();
        _signalMask = tracee.GetSignalMask();
        _state = tracee.GetExtendedState();
        _frameSize = SignalFrame.MaximumSize(_state.Length, gadgets.SignalReturn.Length);
        _frame = frame;
        _image = SignalFrame.Build(_frame, gadgets.SignalReturn, SignalFrame.Restarted(_original), _signalMask, _state);
        _overwritten = new byte[_image.Length];
        TargetMemory.ReadExactly(process.MemoryThreadId, _frame, _overwritten);
    }

    /// <summary>The thread that makes the calls.</summary>
    internal int ThreadId => _tracee.ThreadId;

    /// <summary>Runs a function that makes calls in the process, which is afterwards as it was. On the tracer thread.</summary>
    /// <remarks>
    /// When something goes wrong in between, the thread is left with its frame: the release lets it return by itself, just as our
    /// death would.
    /// </remarks>
    internal static T Run<T>(StoppedProcess process, Func<RemoteCall, T> function) => process.Invoke(() =>
    {
        using TargetMappings mappings = TargetMappings.Of(process.MemoryThreadId);
        Gadgets gadgets = process.GadgetsFoundBefore is { } found && found.AreIn(process.MemoryThreadId, mappings)
            ? found
            : Gadgets.Find(process.MemoryThreadId, mappings.All)
            ?? throw new ProcessAttachException($"Process {process.ProcessId} has no code through which a call could be made (no C "
                + "library?): launch it through this tool, or link it with one.");
        RemoteCall call = PlaceFrame(process, gadgets, mappings);
        using SeccompSuspension suspension = SeccompSuspension.Begin(process.ProcessId, call._tracee);
        T result = function(call);
        call.Restore();
        return result;
    });

    /// <summary>
    /// Looks for a thread with room for its frame. Only its own stack counts besides the main one: on another thread's stack the frame
    /// would be overwritten if this process died and that thread ran on.
    /// </summary>
    private static RemoteCall PlaceFrame(StoppedProcess process, Gadgets gadgets, TargetMappings mappings)
    {
        List<Tracee> candidates = CallThread.Choose(process);
        List<ulong> stackPointers = [.. process.Tracees.Where(other => other.Stop.IsStopped).Select(other => other.GetRegisters().Rsp)];
        for (bool hasGrown = false; ; hasGrown = true)
        {
            int size = 0;
            foreach (Tracee tracee in candidates)
            {
                size = SignalFrame.MaximumSize(tracee.GetExtendedState().Length, gadgets.SignalReturn.Length);
                ulong frame = ScratchArea.Find(process.MemoryThreadId, mappings, tracee.GetRegisters().Rsp, stackPointers, size);
                if (frame != 0)
                    return new RemoteCall(process, tracee, gadgets, frame);
            }

            if (hasGrown || !StackGrowth.TryGrow(process.MemoryThreadId, mappings, ScratchArea.RoomFor(size)))
                throw new ProcessAttachException($"Process {process.ProcessId} has no room on any stack, and its main stack cannot grow "
                    + "(ulimit -s): start it with a larger limit, or launch it through this tool.");
        }
    }

    /// <summary>Makes a call and gives what the kernel answers: a negative error number, or the result.</summary>
    /// <remarks>
    /// The thread goes to the entry of a getpid, which is exchanged for the call only there: so it is a matter of two requests in which
    /// our death leaves the target to make the call with nobody to take the result.
    /// </remarks>
    internal long Call(long number, params ReadOnlySpan<ulong> arguments)
    {
        Prepare(HarmlessNumber, arguments);
        RunTo(AtEntry);
        PtraceRegisters registers = RegistersFor(number, arguments);
        registers.OriginalRax = (ulong)number;
        registers.Rax = unchecked((ulong)NotYetAnswered);
        registers.Rip += SyscallLength;
        _tracee.SetRegisters(registers);
        return RunTo(AtExit).EntryNumberOrExitValue;
    }

    /// <summary>
    /// Sets a call up without making it. It will be made by <see cref="RunPrepared"/>, or by the target itself if this process dies.
    /// </summary>
    internal void Prepare(long number, params ReadOnlySpan<ulong> arguments)
    {
        if (!_begun)
        {
            TargetMemory.Write(_tracee.ThreadId, _frame, _image);
            _tracee.AfterStep("write frame");
        }

        _tracee.SetRegisters(RegistersFor(number, arguments));
        if (_begun)
            return;

        // Only now: blocked before the frame is in place they would stay so after our death.
        _tracee.SetSignalMask(ulong.MaxValue);
        _begun = true;
    }

    /// <summary>Makes the call that was prepared.</summary>
    internal long RunPrepared()
    {
        RunTo(AtEntry);
        return RunTo(AtExit).EntryNumberOrExitValue;
    }

    /// <summary>
    /// Makes a process that shares what the flags say, on a stack of its own in the room below the frame. A tracer that dies before it has
    /// taken the process over lets it continue: then it returns through that stack into its exit.
    /// </summary>
    /// <returns>The number of the process, which is stopped; or a negative error number, also when there is no room.</returns>
    internal long Clone(ulong flags)
    {
        const long cloneNumber = 56, exitNumber = 60, noMemory = -12;
        if ((ulong)_frameSize + ScratchArea.Alignment > ScratchArea.HandlerRoom)
            return noMemory;
        ulong stack = ScratchArea.AlignDown(_frame - (ulong)_frameSize);
        byte[] image = SignalFrame.Build(stack, _gadgets.SignalReturn, RegistersFor(exitNumber, []), ulong.MaxValue, _state);
        byte[] overwritten = new byte[image.Length];
        TargetMemory.ReadExactly(_tracee.ThreadId, stack, overwritten);
        TargetMemory.Write(_tracee.ThreadId, stack, image);
        _tracee.AfterStep("write second frame");
        long process = Call(cloneNumber, flags, stack);
        _childStack = (stack, overwritten);
        return process;
    }

    /// <summary>
    /// Lets the process that <see cref="Clone"/> has made go through one system call and keeps it stopped at the exit of it; kills it if
    /// this process dies.
    /// </summary>
    internal void RunOnce(Tracee child, long number, params ReadOnlySpan<ulong> arguments)
    {
        RequireState(child, TraceeState.EventStop);
        child.SetOptions(OptionSysGood | OptionExitKill);
        PtraceRegisters registers = RegistersFor(number, arguments);
        registers.Rsp = child.GetRegisters().Rsp;
        child.SetRegisters(registers);
        child.ContinueToSyscall();
        RequireState(child, TraceeState.SyscallStop);
        child.ContinueToSyscall();
        RequireState(child, TraceeState.SyscallStop);
    }

    private static void RequireState(Tracee tracee, TraceeState state)
    {
        if (tracee.WaitForStop(CallLimit).State != state)
            throw new TargetChangedException($"Thread {tracee.ThreadId} has come to another stop than the one that was asked for.");
    }

    private PtraceRegisters RegistersFor(long number, ReadOnlySpan<ulong> arguments)
    {
        Span<ulong> all = stackalloc ulong[6];
        all.Clear();
        arguments.CopyTo(all);
        PtraceRegisters registers = _original;
        registers.Rax = (ulong)number;
        registers.OriginalRax = NoSystemCall;
        registers.Rip = _gadgets.SyscallReturn;
        registers.Rsp = _frame;
        registers.Flags &= ~TrapFlag;
        (registers.Rdi, registers.Rsi, registers.Rdx) = (all[0], all[1], all[2]);
        (registers.R10, registers.R8, registers.R9) = (all[3], all[4], all[5]);
        return registers;
    }

    /// <summary>Runs to the next stop at a system call. Other stops on the way are passed: only SIGSTOP cannot be blocked.</summary>
    private PtraceSyscallInfo RunTo(byte operation)
    {
        _hasRun = true;
        Backoff backoff = new(CallLimit);
        while (!backoff.IsOver)
        {
            _tracee.ContinueToSyscall();
            TraceeStop stop = _tracee.WaitForStop(CallLimit);
            if (stop.State == TraceeState.SignalStop)
                _keptSignal = stop.Signal;
            if (stop.State != TraceeState.SyscallStop)
                continue;
            PtraceSyscallInfo info = _tracee.GetSyscallInfo();
            return info.Operation == operation
                ? info
                : throw new TargetChangedException($"Thread {_tracee.ThreadId} is at the wrong end of the call ({info.Operation}).");
        }

        throw new TargetChangedException($"Thread {_tracee.ThreadId} is stopped by something else again and again.");
    }

    /// <summary>Puts everything back, in the order in which our death is harmless after each step.</summary>
    private void Restore()
    {
        if (!_begun)
            return;
        if (_hasRun)
            LeaveCall();
        _tracee.SetSignalMask(_signalMask);
        _tracee.SetRegisters(_original);
        TargetMemory.Write(_tracee.ThreadId, _frame, _overwritten);
        if (_childStack.Content is { } content)
            TargetMemory.Write(_tracee.ThreadId, _childStack.Address, content);
        _tracee.AfterStep("write back");
        if (_keptSignal != 0)
            _ = Syscall.Tgkill(_process.ProcessId, _tracee.ThreadId, _keptSignal);
    }

    /// <summary>
    /// Goes from the exit of the last call to an ordinary stop: there, and only there, does the kernel after the release look at the
    /// registers for a call to restart. No instruction of the target is executed on the way.
    /// </summary>
    private void LeaveCall()
    {
        Backoff backoff = new(CallLimit);
        while (!backoff.IsOver)
        {
            // Asked again each time: any other stop makes the kernel forget it.
            _tracee.AskToStop();
            _tracee.Continue(0);
            TraceeStop stop = _tracee.WaitForStop(CallLimit);
            if (stop.State == TraceeState.EventStop)
                return;
            if (stop.State == TraceeState.SignalStop)
                _keptSignal = stop.Signal;
        }

        throw new TargetChangedException($"Thread {_tracee.ThreadId} does not come to its ordinary stop.");
    }
}
