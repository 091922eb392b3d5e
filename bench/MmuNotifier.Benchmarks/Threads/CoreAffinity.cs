using System.Runtime.InteropServices;

namespace MmuNotifier.Benchmarks;

/// <summary>
/// Puts threads that are to run at the same time on different cores: left to itself the scheduler may let two share one, if somebody
/// else is busy, and then nothing contends.
/// </summary>
internal static partial class CoreAffinity
{
    private const int Processors = 64;

    /// <summary>
    /// Keeps the calling thread on one core: thread n on core n modulo the number of cores. If the system refuses, nothing happens.
    /// </summary>
    internal static void Pin(int thread)
    {
        ulong mask = 1UL << (thread % Math.Min(Environment.ProcessorCount, Processors));
        _ = SetAffinity(0, sizeof(ulong), in mask);
    }

    [LibraryImport("libc", EntryPoint = "sched_setaffinity")]
    private static partial int SetAffinity(int thread, nint maskBytes, in ulong mask);
}
