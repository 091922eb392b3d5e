using MmuNotifier.Linux;

namespace MmuNotifier.Processes;

/// <summary>Makes a stopped thread repeat a system call that the stop would otherwise break.</summary>
/// <remarks>
/// <para>
/// The kernel repeats most interrupted calls by itself. Some answer EINTR to any interruption, so the program would see our stop. All calls
/// listed here have done nothing when they answer EINTR; their answer is replaced by the kernel's own "repeat, unless a signal handler
/// runs". No argument changes, so if this process dies at any moment the kernel does the same without it.
/// </para>
/// <para>
/// A call with a relative time limit is repeated with the whole limit. <see cref="SleepSurvey"/> keeps that from lengthening it: a thread
/// that has slept in such a call for a while is not stopped at all, so only a call that has just begun is repeated. An attach stops every
/// thread, and can lengthen one such call of a thread once.
/// </para>
/// <para>
/// The kernel continues sleeps and polls by the call restart_syscall, which a seccomp filter may punish by death. A thread with a filter
/// repeats the call that it made instead, which its filter has allowed.
/// </para>
/// </remarks>
internal static class InterruptedCall
{
    private const long InterruptedError = -4;
    private const long RestartUnlessHandled = -514;
    private const long RestartByBlock = -516;
    private const ulong KeepSize = 1;

    /// <summary>To be called when a thread has stopped, before it continues.</summary>
    internal static void HideStop(Tracee tracee)
    {
        PtraceRegisters registers = tracee.GetRegisters();
        if ((long)registers.OriginalRax < 0 || !MustRepeat(tracee, in registers))
            return;
        registers.Rax = unchecked((ulong)RestartUnlessHandled);
        tracee.SetRegisters(registers);
    }

    private static bool MustRepeat(Tracee tracee, in PtraceRegisters registers) => (long)registers.Rax switch
    {
        InterruptedError => HasDoneNothing(in registers),
        RestartByBlock => tracee.HasFilter(),
        _ => false,
    };

    /// <summary>Whether the call has had no effect when it answers EINTR.</summary>
    private static bool HasDoneNothing(in PtraceRegisters registers) => registers.OriginalRax switch
    {
        0 or 1 or 17 or 18 or 19 or 20 => true, // read, write, pread64, pwrite64, readv, writev: of a socket with a time-out, or of FUSE
        42 or 43 or 44 or 45 or 46 or 47 => true, // connect, accept, sendto, recvfrom, sendmsg, recvmsg
        288 or 299 or 307 => true, // accept4, recvmmsg, sendmmsg
        65 or 220 => true, // semop, semtimedop
        128 => true, // rt_sigtimedwait
        208 => true, // io_getevents
        232 or 281 or 441 => true, // epoll_wait, epoll_pwait, epoll_pwait2
        285 => (registers.Rsi & ~KeepSize) == 0, // fallocate that only allocates: of tmpfs
        426 => true, // io_uring_enter: where it has submitted anything it answers how much
        _ => false,
    };
}
