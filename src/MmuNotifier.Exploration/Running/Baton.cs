using System.Runtime.InteropServices;

namespace MmuNotifier.Exploration.Running;

/// <summary>
/// What one OS thread waits for and another passes: a futex. Cheaper than .NET's events (no queue, no monitor, no spinning, which would
/// only keep the other thread from the one core that they share; see <see cref="CoreAffinity"/>).
/// </summary>
internal sealed unsafe partial class Baton
{
    private const int WaitPrivate = 128;
    private const int WakePrivate = 129;

    // In the middle of a line of its own that the collector does not move.
    private readonly int[] _line = GC.AllocateArray<int>(32, pinned: true);
    private readonly int* _passed;

    public Baton() => _passed = (int*)Marshal.UnsafeAddrOfPinnedArrayElement(_line, 16);

    private static nint FutexNumber => RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? 98 : 202;

    public void Pass()
    {
        Volatile.Write(ref *_passed, 1);
        _ = Futex(FutexNumber, _passed, WakePrivate, 1, null);
    }

    public void Await()
    {
        while (Interlocked.Exchange(ref *_passed, 0) == 0)
            _ = Futex(FutexNumber, _passed, WaitPrivate, 0, null);
    }

    /// <returns>False if the time was over first.</returns>
    public bool Await(TimeSpan timeout)
    {
        long end = Environment.TickCount64 + (long)timeout.TotalMilliseconds;
        while (Interlocked.Exchange(ref *_passed, 0) == 0)
        {
            long left = end - Environment.TickCount64;
            if (left <= 0)
                return false;
            var time = new TimeSpec(left / 1000, left % 1000 * 1_000_000);
            _ = Futex(FutexNumber, _passed, WaitPrivate, 0, &time);
        }

        return true;
    }

    [LibraryImport("libc", EntryPoint = "syscall")]
    private static partial nint Futex(nint number, int* word, nint operation, nint value, TimeSpec* timeout);

#pragma warning disable CS9113 // read by the kernel
    private readonly struct TimeSpec(long seconds, long nanoseconds)
    {
        public readonly long Seconds = seconds;
        public readonly long Nanoseconds = nanoseconds;
    }
#pragma warning restore CS9113
}
