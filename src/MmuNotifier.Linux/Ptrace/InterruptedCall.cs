using MmuNotifier.Linux.Native;

namespace MmuNotifier.Linux.Ptrace;

/// <summary>Hides the stop from the few system calls that the kernel does not restart by itself.</summary>
/// <remarks>
/// epoll_wait, semop and sigwaitinfo answer EINTR to any interruption, so a program would see each of our stops. Where such a call has
/// no time limit, making it again is exactly what the program asked for: the answer is replaced by the kernel's own "restart unless a
/// handler runs". With a relative time limit the limit would begin anew at every stop and might never be reached; these keep the
/// EINTR, as do calls on sockets with a time-out option.
/// </remarks>
internal static class InterruptedCall
{
    private const long InterruptedError = -4;
    private const long RestartUnlessHandled = -514;
    private const ulong NoTimeout = uint.MaxValue;

    /// <summary>To be called when a thread has stopped, before it goes on.</summary>
    internal static void HideStop(Tracee tracee)
    {
        PtraceRegisters registers = tracee.GetRegisters();
        if ((long)registers.Rax != InterruptedError || !WaitsForever(registers))
            return;
        registers.Rax = unchecked((ulong)RestartUnlessHandled);
        tracee.SetRegisters(registers);
    }

    private static bool WaitsForever(in PtraceRegisters registers) => registers.OriginalRax switch
    {
        65 => true, // semop
        128 => registers.Rdx == 0, // rt_sigtimedwait
        220 => registers.R10 == 0, // semtimedop
        232 or 281 => (uint)registers.R10 == NoTimeout, // epoll_wait, epoll_pwait
        441 => registers.R10 == 0, // epoll_pwait2
        _ => false,
    };
}
