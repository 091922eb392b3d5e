namespace MmuNotifier.Linux;

/// <content>What talking to a child over shared memory takes, and its end.</content>
internal static unsafe partial class Syscall
{
    private const nint FutexNumber = 202;
    private const nint WaitForProcessNumber = 61;

    /// <summary>futex, between processes: waits while the word has this value, at most so long. May return early: look again.</summary>
    internal static void WaitWhile(uint* word, uint value, int timeoutMilliseconds)
    {
        const nint wait = 0;
        long* timeout = stackalloc long[] { timeoutMilliseconds / 1000, timeoutMilliseconds % 1000 * 1_000_000L };
        if (!FailsCall(FutexNumber, out _))
            SystemCall(FutexNumber, (nint)word, wait, (nint)value, (nint)timeout, 0);
    }

    /// <summary>futex, between processes: wakes the threads that wait for the word.</summary>
    internal static void Wake(uint* word)
    {
        const nint wake = 1;
        SystemCall(FutexNumber, (nint)word, wake, 1, 0, 0);
    }

    /// <summary>Takes the status of a child that has exited (wait4), also of one that sends no signal at its exit.</summary>
    internal static Errno Reap(int processId)
    {
        const nint anyChild = 0x4000_0000;
        return ErrorOf(Restarting(WaitForProcessNumber, processId, 0, anyChild, 0, 0));
    }
}
