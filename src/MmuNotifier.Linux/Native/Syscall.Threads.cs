namespace MmuNotifier.Linux.Native;

/// <content>Threads of this process and of others, by their numbers.</content>
internal static unsafe partial class Syscall
{
    private const nint GetTidNumber = 186;
    private const nint ExitGroupNumber = 231;
    private const nint ClockGettimeNumber = 228;
    private const nint PidfdThread = 0x80;
    private const nint ThreadProcessorClock = 3;

    /// <summary>The kernel's number of the calling thread.</summary>
    internal static int CurrentThreadId() => (int)PtraceRaw(GetTidNumber, 0, 0, 0, 0);

    /// <summary>A pidfd of one thread (Linux 6.9); negative when it cannot be had.</summary>
    internal static int PidfdOpenThread(int threadId) =>
        (int)PtraceRawOrInjected(PidfdOpenNumber, threadId, PidfdThread, 0, 0);

    /// <summary>
    /// Ends this process at once, without running anything more of it; the kernel lets go of whatever it traces and watches.
    /// </summary>
    internal static void ExitNow(int exitCode) => PtraceRaw(ExitGroupNumber, exitCode, 0, 0, 0);

    /// <summary>The processor time that the calling thread has used.</summary>
    internal static long ThreadProcessorNanoseconds()
    {
        long* time = stackalloc long[2];
        PtraceRaw(ClockGettimeNumber, ThreadProcessorClock, (nint)time, 0, 0);
        return (time[0] * 1_000_000_000) + time[1];
    }
}
