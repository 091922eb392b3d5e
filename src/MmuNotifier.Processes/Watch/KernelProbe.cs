using Microsoft.Win32.SafeHandles;
using MmuNotifier.Linux;

namespace MmuNotifier.Processes;

/// <summary>Tries on this process what the running kernel offers. Versions are not asked: distributions backport and configure.</summary>
internal static class KernelProbe
{
    internal static KernelSupport Run()
    {
        UserfaultfdFeatures features = UserfaultfdDescriptor.ProbeFeatures(out Errno error);
        using SafeFileHandle? pidfd = OpenOwn(out bool pidfdOpen);
        return new KernelSupport
        {
            Userfaultfd = error == Errno.None,
            UserfaultfdDenied = error == Errno.NotPermitted,
            Features = features,
            PageMapScan = PageMap.CanScan(),
            PidfdOpen = pidfdOpen,
            PidfdGetfd = pidfd is not null && HasGetfd(pidfd),
        };
    }

    private static SafeFileHandle? OpenOwn(out bool exists)
    {
        long result = Syscall.OpenProcessDescriptor(Environment.ProcessId);
        exists = result >= 0;
        return exists ? new SafeFileHandle((nint)result, ownsHandle: true) : null;
    }

    // A descriptor that no process has: any other answer than "bad descriptor" means that the call is missing or forbidden.
    private static bool HasGetfd(SafeFileHandle pidfd) =>
        Syscall.CopyDescriptor(pidfd, int.MaxValue) == -(int)Errno.BadDescriptor;
}
