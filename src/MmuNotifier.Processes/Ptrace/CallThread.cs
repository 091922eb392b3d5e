using System.Buffers.Binary;
using MmuNotifier.Linux;

namespace MmuNotifier.Processes;

/// <summary>Chooses the thread of a stopped process that injected calls run in.</summary>
internal static class CallThread
{
    private const ulong LongModeSelector = 0x33;

    /// <summary>How often threads that are in the middle of something are let run on for a moment.</summary>
    private const int NudgeLimit = 20;

    private const uint NudgeMicroseconds = 50;

    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(2);

    /// <summary>
    /// Gives the threads that can make a call now: the main thread first if possible, then rather those inside a system call.
    /// </summary>
    internal static List<Tracee> Choose(StoppedProcess process)
    {
        for (int attempt = 0; ; attempt++)
        {
            List<Tracee> fit = [];
            List<Tracee> later = [];
            foreach (Tracee tracee in process.Tracees.OrderBy(tracee => Rank(process.ProcessId, tracee)))
            {
                Fitness fitness = Judge(tracee);
                if (fitness == Fitness.Fit)
                    fit.Add(tracee);
                if (fitness == Fitness.FitLater)
                    later.Add(tracee);
            }

            if (fit.Count > 0)
                return fit;
            if (later.Count == 0)
                throw new ProcessAttachException($"No thread of process {process.ProcessId} can make a call: all run 32-bit code, or have "
                    + "their system calls redirected; such a program cannot be mirrored.");
            if (attempt == NudgeLimit)
                throw new ProcessAttachException($"No thread of process {process.ProcessId} can make a call now: all are in the middle of "
                    + "a restartable sequence or of a signal; try again later.");
            foreach (Tracee tracee in later)
                Nudge(tracee);
        }
    }

    private static int Rank(int processId, Tracee tracee)
    {
        if (tracee.ThreadId == processId)
            return 0;
        return tracee.Stop.IsStopped && (long)tracee.GetRegisters().OriginalRax >= 0 ? 1 : 2;
    }

    private static Fitness Judge(Tracee tracee)
    {
        if (tracee.Look().State == TraceeState.Gone)
            return Fitness.Unfit;
        if (tracee.Stop.State != TraceeState.EventStop)
            return Fitness.FitLater;
        PtraceRegisters registers = tracee.GetRegisters();
        if (registers.Cs != LongModeSelector || tracee.HasSyscallDispatch())
            return Fitness.Unfit;
        return IsInRestartableSequence(tracee.ThreadId, tracee.GetRseq(), registers.Rip) ? Fitness.FitLater : Fitness.Fit;
    }

    /// <summary>
    /// A thread that was preempted inside a restartable sequence must be sent to the abort handler of that sequence. The kernel does so
    /// when the thread continues, by looking where it then is: at the injected call, outside. So such a thread cannot be used.
    /// </summary>
    private static bool IsInRestartableSequence(int threadId, PtraceRseqConfiguration area, ulong instruction)
    {
        if (area.Area == 0)
            return false;
        Span<byte> pointer = stackalloc byte[sizeof(ulong)];
        TargetMemory.ReadExactly(threadId, area.Area + 8, pointer);
        ulong descriptor = BinaryPrimitives.ReadUInt64LittleEndian(pointer);
        if (descriptor == 0)
            return false;
        Span<byte> range = stackalloc byte[16];
        if (TargetMemory.Read(threadId, descriptor + 8, range) != range.Length)
            return true;
        ulong start = BinaryPrimitives.ReadUInt64LittleEndian(range);
        return instruction - start < BinaryPrimitives.ReadUInt64LittleEndian(range[8..]);
    }

    /// <summary>Lets a thread take its signal or run on for a moment, and stops it again.</summary>
    private static void Nudge(Tracee tracee)
    {
        try
        {
            tracee.Continue(tracee.Stop.Signal);
            _ = Syscall.Sleep(NudgeMicroseconds);
            tracee.AskToStop();
            tracee.WaitForStop(StopLimit);
        }
        catch (TraceeGoneException)
        {
            // It is found gone by the next look.
        }
    }

    private enum Fitness
    {
        Fit,
        FitLater,
        Unfit,
    }
}
