using System.Runtime.InteropServices;

namespace MmuNotifier.Differential;

/// <summary>System calls of this process.</summary>
internal sealed partial class DirectSystemCalls : ISystemCalls
{
    public int ProcessId => Environment.ProcessId;

    public long Call(int number, ulong a = 0, ulong b = 0, ulong c = 0, ulong d = 0, ulong e = 0, ulong f = 0)
    {
        long result;
        do
        {
            result = SystemCall(number, a, b, c, d, e, f);
            if (result == -1)
                result = -Marshal.GetLastPInvokeError();
        }
        while (result == -(int)Hmm.Errno.Interrupted);
        return result;
    }

    public void Dispose()
    {
    }

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial long SystemCall(long number, ulong a, ulong b, ulong c, ulong d, ulong e, ulong f);
}
