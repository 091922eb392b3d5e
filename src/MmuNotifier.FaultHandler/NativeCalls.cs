using System.Runtime.InteropServices;
using MmuNotifier.Linux;

namespace MmuNotifier.FaultHandler;

/// <summary>
/// The calls to the C library that the handler makes; a failed one leaves its error in <see cref="Marshal.GetLastSystemError"/>.
/// </summary>
internal static unsafe partial class NativeCalls
{
    internal const int NoEntry = 2;
    internal const int Interrupted = 4;
    internal const int InputOutput = 5;
    internal const int Again = 11;
    internal const int NoMemory = 12;
    internal const int BadAddress = 14;

    internal const int PageBytes = (int)PageSize.Bytes;

    internal const int CloseOnExec = 0x80000;

    internal const int DontNeed = 4;

    internal const nuint WriteProtect = 0xC018AA06;
    internal const nuint Wake = 0x8010AA02;
    internal const nuint Copy = 0xC028AA03;
    internal const nuint ZeroPage = 0xC020AA04;

    private const nint ThreadIdNumber = 186;
    private const int Block = 0;
    private const int SignalWords = 16;

    private static readonly int s_processId = Environment.ProcessId;

    /// <summary>Blocks every signal that can be blocked in the calling thread.</summary>
    internal static void BlockSignals()
    {
        ulong* signals = stackalloc ulong[SignalWords];
        new Span<ulong>(signals, SignalWords).Fill(ulong.MaxValue);
        _ = SetSignalMask(Block, signals, null);
    }

    /// <summary>Reads a page of this process; false where nothing is mapped that can be read.</summary>
    internal static bool TryReadOwnPage(ulong address, byte* bytes)
    {
        var local = new IoVector((ulong)bytes, PageBytes);
        var remote = new IoVector(address, PageBytes);
        return ReadProcess(s_processId, &local, 1, &remote, 1, 0) == PageBytes;
    }

    internal static int ThreadId() => (int)SystemCall(ThreadIdNumber);

    [LibraryImport("libc", EntryPoint = "ioctl")]
    internal static partial int Ioctl(int descriptor, nuint request, ulong* argument);

    [LibraryImport("libc", EntryPoint = "madvise")]
    internal static partial int Advise(void* address, nuint length, int advice);

    [LibraryImport("libc", EntryPoint = "read")]
    internal static partial nint Read(int descriptor, void* buffer, nuint count);

    [LibraryImport("libc", EntryPoint = "write")]
    internal static partial nint Write(int descriptor, void* buffer, nuint count);

    [LibraryImport("libc", EntryPoint = "close")]
    internal static partial int Close(int descriptor);

    [LibraryImport("libc", EntryPoint = "poll")]
    internal static partial int Poll(PollEntry* entries, nuint count, int timeoutMilliseconds);

    [LibraryImport("libc", EntryPoint = "dup3")]
    internal static partial int Duplicate(int descriptor, int place, int flags);

    [LibraryImport("libc", EntryPoint = "process_vm_readv")]
    private static partial nint ReadProcess(int processId, IoVector* local, nuint locals, IoVector* remote, nuint remotes, nuint flags);

    [LibraryImport("libc", EntryPoint = "pthread_sigmask")]
    private static partial int SetSignalMask(int how, ulong* signals, ulong* before);

    [LibraryImport("libc", EntryPoint = "syscall")]
    private static partial nint SystemCall(nint number);
}
