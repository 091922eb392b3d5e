using System.Runtime.InteropServices;

namespace MmuNotifier.Exploration.Running;

/// <summary>
/// Keeps the threads of an exploration on one core: only one of them runs at a time, and passing on within a core costs a fraction of
/// waking another.
/// </summary>
internal static unsafe partial class CoreAffinity
{
    private const int Bytes = 128;

    public static int CurrentCore => GetCore();

    /// <summary>Keeps the calling thread on the core. Where that is refused it only runs slower.</summary>
    public static void KeepOn(int core)
    {
        if (core is < 0 or >= Bytes * 8)
            return;
        byte* mask = stackalloc byte[Bytes];
        mask[core / 8] = (byte)(1 << (core % 8));
        _ = SetAffinity(0, Bytes, mask);
    }

    [LibraryImport("libc", EntryPoint = "sched_getcpu")]
    private static partial int GetCore();

    [LibraryImport("libc", EntryPoint = "sched_setaffinity")]
    private static partial int SetAffinity(int thread, nint bytes, byte* mask);
}
