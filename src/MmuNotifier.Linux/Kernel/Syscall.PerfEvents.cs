using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace MmuNotifier.Linux;

/// <content>What the watch of this process's own memory needs beside: perf events, and what a forked child is to find.</content>
internal static unsafe partial class Syscall
{
    private const nint PerfEventOpenNumber = 298;
    private const ulong PerfCloseOnExec = 8;
    private const nuint PerfSetOutput = 0x2405;
    private const nuint PerfDisable = 0x2401;
    private const int ConfiguredProcessors = 83;
    private const int OnlineProcessors = 84;
    private const int DescriptorLimit = 7;
    private const int LockableLimit = 8;

    internal static SafeFileHandle? OpenPerfEvent(in PerfEventAttributes attributes, int threadId, int processor, out Errno error)
    {
        fixed (PerfEventAttributes* pointer = &attributes)
        {
            long result = FaultInjection.Fails("perf_event_open", out long fault)
                ? fault
                : OrError(PerfEventOpenCall(PerfEventOpenNumber, pointer, threadId, processor, -1, (nint)PerfCloseOnExec));
            error = ErrorOf(result);
            return result < 0 ? null : new SafeFileHandle((nint)result, ownsHandle: true);
        }
    }

    /// <summary>Sends the records of an event into the ring of another one of the same processor.</summary>
    internal static Errno SetPerfOutput(SafeFileHandle descriptor, SafeFileHandle ring) =>
        ErrorOf(Ioctl(descriptor, PerfSetOutput, (void*)ring.DangerousGetHandle()));

    internal static void DisablePerfEvent(SafeFileHandle descriptor) => _ = Ioctl(descriptor, PerfDisable, null);

    internal static int CountConfiguredProcessors() => (int)Math.Max(1, SystemConfigurationCall(ConfiguredProcessors));

    internal static int CountOnlineProcessors() => (int)Math.Max(1, SystemConfigurationCall(OnlineProcessors));

    /// <summary>How many descriptors this process may have.</summary>
    internal static ulong GetDescriptorLimit() => GetLimit(DescriptorLimit);

    /// <summary>How many bytes this process may lock.</summary>
    internal static ulong GetLockableLimit() => GetLimit(LockableLimit);

    private static ulong GetLimit(int resource)
    {
        ulong* limits = stackalloc ulong[2];
        return GetLimitCall(resource, limits) == 0 ? limits[0] : 0;
    }

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial nint PerfEventOpenCall(
        nint number, PerfEventAttributes* attributes, nint threadId, nint processor, nint group, nint flags);

    [LibraryImport("libc", EntryPoint = "sysconf")]
    private static partial long SystemConfigurationCall(int name);

    [LibraryImport("libc", EntryPoint = "getrlimit")]
    private static partial int GetLimitCall(int resource, ulong* limits);
}
