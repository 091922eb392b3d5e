using System.Diagnostics;
using Microsoft.Win32.SafeHandles;

namespace MmuNotifier.Linux;

/// <content>Threads of this process and of others, by their numbers.</content>
internal static unsafe partial class Syscall
{
    /// <summary>A new thread needs two of them, for a pipe, and for a moment a third; others may take some meanwhile.</summary>
    private const int DescriptorsForThread = 8;

    /// <summary>
    /// Starts a thread. Seen with .NET 10: where the runtime finds no descriptor for a new thread, it does not always throw, but may abort
    /// the process. So it is not asked when few are left.
    /// </summary>
    /// <exception cref="InvalidOperationException">None can be started.</exception>
    internal static void Start(Thread thread)
    {
        const string reason =
            "No thread can be started: raise the limit of processes (ulimit -u) or of descriptors (ulimit -n), or free memory.";
        if (FaultInjection.Fails("start thread", out _) || !HasDescriptors(DescriptorsForThread))
            throw new InvalidOperationException(reason);
        try
        {
            thread.UnsafeStart();
        }
        catch (OutOfMemoryException exception)
        {
            throw new InvalidOperationException(reason, exception);
        }
    }

    private const nint GetTidNumber = 186;
    private const nint ExitGroupNumber = 231;
    private const nint ClockGettimeNumber = 228;
    private const nint NanosleepNumber = 35;
    private const nint PidfdThread = 0x80;
    private const nint ThreadProcessorClock = 3;

    private static bool HasDescriptors(int wanted)
    {
        var opened = new Stack<SafeFileHandle>();
        while (opened.Count < wanted && EventDescriptor() is >= 0 and var descriptor)
            opened.Push(new SafeFileHandle((nint)descriptor, ownsHandle: true));
        bool hasAll = opened.Count == wanted;
        while (opened.TryPop(out SafeFileHandle? descriptor))
            descriptor.Dispose();
        return hasAll;
    }

    /// <summary>The kernel's number of the calling thread.</summary>
    internal static int CurrentThreadId() => (int)SystemCall(GetTidNumber, 0, 0, 0, 0, 0);

    /// <summary>A pidfd of one thread (Linux 6.9).</summary>
    internal static long OpenThreadDescriptor(int threadId) => Restarting(OpenProcessDescriptorNumber, threadId, PidfdThread, 0, 0, 0);

    /// <summary>
    /// Ends this process at once, without running anything more of it; the kernel lets go of whatever it traces and watches.
    /// </summary>
    internal static void ExitNow(int exitCode) => SystemCall(ExitGroupNumber, exitCode, 0, 0, 0, 0);

    /// <summary>Sleeps for less than a millisecond; a signal ends it early.</summary>
    internal static void Pause(TimeSpan time)
    {
        Debug.Assert(time > TimeSpan.Zero && time < TimeSpan.FromSeconds(1), "a moment");
        // seconds, nanoseconds
        long* left = stackalloc long[] { 0, (long)time.TotalNanoseconds };
        if (!FaultInjection.Fails("nanosleep", out _))
            SystemCall(NanosleepNumber, (nint)left, 0, 0, 0, 0);
    }

    /// <summary>The processor time that the calling thread has used.</summary>
    internal static long ThreadProcessorNanoseconds()
    {
        long* time = stackalloc long[2];
        SystemCall(ClockGettimeNumber, ThreadProcessorClock, (nint)time, 0, 0, 0);
        return (time[0] * 1_000_000_000) + time[1];
    }
}
