using System.Runtime.InteropServices;

namespace MmuNotifier.FaultHandler;

/// <summary>The calls to the C library that the handler makes; a failed one leaves its error in <see cref="Marshal.GetLastSystemError"/>.</summary>
internal static unsafe partial class NativeCalls
{
    internal const int Again = 11;

    internal const int DontNeed = 4;

    internal const nuint WriteProtect = 0xC018AA06;
    internal const nuint Wake = 0x8010AA02;
    internal const nuint Copy = 0xC028AA03;
    internal const nuint ZeroPage = 0xC020AA04;

    [LibraryImport("libc", EntryPoint = "ioctl")]
    internal static partial int Ioctl(int descriptor, nuint request, ulong* argument);

    [LibraryImport("libc", EntryPoint = "madvise")]
    internal static partial int Advise(void* address, nuint length, int advice);

    [LibraryImport("libc", EntryPoint = "read")]
    internal static partial nint Read(int descriptor, void* buffer, nuint count);

    [LibraryImport("libc", EntryPoint = "write")]
    internal static partial nint Write(int descriptor, void* buffer, nuint count);

    [LibraryImport("libc", EntryPoint = "poll")]
    internal static partial int Poll(PollEntry* entries, nuint count, int timeoutMilliseconds);
}
