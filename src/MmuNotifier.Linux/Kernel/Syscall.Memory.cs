using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace MmuNotifier.Linux;

/// <summary>
/// The system calls that watch and read memory. Every wrapper restarts after EINTR and answers like the kernel does: a result
/// that is not negative, or the error number negated. So no caller needs the thread's errno, which any other call may overwrite.
/// </summary>
internal static unsafe partial class Syscall
{
    private const nint UserfaultfdNumber = 323;
    private const nint KcmpNumber = 312;
    private const nint SendSignalNumber = 424;
    private const nint OpenProcessDescriptorNumber = 434;
    private const nint CopyDescriptorNumber = 438;

    private const int OpenCloseOnExec = 0x80000;
    private const int OpenNonBlocking = 0x800;
    private const int CurrentDirectory = -100;

    internal const nuint UffdioContinueRequest = 0xC020AA07;

    /// <summary>The most ranges that one vectored call takes (IOV_MAX).</summary>
    internal const int MaxVectorRanges = 1024;

    internal static long OpenUserfaultfd(int flags) =>
        Restarting(UserfaultfdNumber, flags, 0, 0, 0, 0);

    internal static long OpenProcessDescriptor(int processId) =>
        Restarting(OpenProcessDescriptorNumber, processId, 0, 0, 0, 0);

    internal static long CopyDescriptor(SafeFileHandle processDescriptor, int descriptor)
    {
        long result;
        do
        {
            result = FaultInjection.Fails("pidfd_getfd", out long fault)
                ? fault
                : OrError(SystemCall(CopyDescriptorNumber, processDescriptor, descriptor, 0, 0, 0));
        }
        while (result == -(int)Errno.Interrupted);
        return result;
    }

    internal static long SendSignal(SafeFileHandle processDescriptor, int signal) =>
        FaultInjection.Fails("pidfd_send_signal", out long fault)
            ? fault
            : OrError(SystemCall(SendSignalNumber, processDescriptor, signal, 0, 0, 0));

    internal static long CompareProcesses(int first, int second, int resource, nint firstIndex = 0, nint secondIndex = 0) =>
        Restarting(KcmpNumber, first, second, resource, firstIndex, secondIndex);

    internal static long Ioctl(SafeFileHandle descriptor, nuint request, void* argument)
    {
        long result;
        do
        {
            result = FailsIoctl(request, out long fault) ? fault : OrError(IoctlCall(descriptor, request, argument));
        }
        while (result == -(int)Errno.Interrupted);
        return result;
    }

    internal static long Read(SafeFileHandle descriptor, void* buffer, nuint length)
    {
        long result;
        do
        {
            result = FaultInjection.Fails("read", out long fault) ? fault : OrError(ReadCall(descriptor, buffer, length));
        }
        while (result == -(int)Errno.Interrupted);
        return result;
    }

    internal static long ReadAt(SafeFileHandle descriptor, void* buffer, nuint length, long offset)
    {
        long result;
        do
        {
            result = FaultInjection.Fails("pread", out long fault) ? fault : OrError(ReadAtCall(descriptor, buffer, length, offset));
        }
        while (result == -(int)Errno.Interrupted);
        return result;
    }

    /// <summary>Starts again from the beginning of a seekable file of /proc.</summary>
    internal static long Rewind(SafeFileHandle descriptor) =>
        FaultInjection.Fails("lseek", out long fault) ? fault : OrError((nint)SeekCall(descriptor, 0, 0));

    /// <summary>Opens for reading; never the managed way, which takes a lock on the file and asks for its size.</summary>
    internal static SafeFileHandle? OpenForReading(string path, out Errno error)
    {
        long result;
        do
        {
            result = FaultInjection.Fails("open", out long fault) ? fault : OrError(OpenCall(path, OpenCloseOnExec, 0));
        }
        while (result == -(int)Errno.Interrupted);
        error = ErrorOf(result);
        return result < 0 ? null : new SafeFileHandle((nint)result, ownsHandle: true);
    }

    /// <summary>One poll(2), not restarted: only the caller knows how much of the time is left.</summary>
    internal static long PollOnce(PollEntry* entries, int count, int timeoutMilliseconds) =>
        FaultInjection.Fails("poll", out long fault) ? fault : OrError(PollCall(entries, (nuint)count, timeoutMilliseconds));

    internal static long ReadProcess(int processId, IoVector* local, int localCount, IoVector* remote, int remoteCount)
    {
        long result;
        do
        {
            result = FaultInjection.Fails("process_vm_readv", out long fault)
                ? fault
                : OrError(ReadProcessCall(processId, local, (nuint)localCount, remote, (nuint)remoteCount, 0));
        }
        while (result == -(int)Errno.Interrupted);
        return result;
    }

    internal static long WriteProcess(int processId, IoVector* local, int localCount, IoVector* remote, int remoteCount)
    {
        long result;
        do
        {
            result = FaultInjection.Fails("process_vm_writev", out long fault)
                ? fault
                : OrError(WriteProcessCall(processId, local, (nuint)localCount, remote, (nuint)remoteCount, 0));
        }
        while (result == -(int)Errno.Interrupted);
        return result;
    }

    internal static Errno Status(string path, out FileStatus status)
    {
        fixed (FileStatus* pointer = &status)
        {
            const uint kindTimesInodeAndSize = 0x3C1;
            return ErrorOf(FaultInjection.Fails("statx", out long fault)
                ? fault
                : OrError(StatxCall(CurrentDirectory, path, 0, kindTimesInodeAndSize, pointer)));
        }
    }

    /// <summary>A counter that poll can wait for; non-blocking.</summary>
    internal static long EventDescriptor() =>
        FaultInjection.Fails("eventfd", out long fault) ? fault : OrError(EventDescriptorCall(0, OpenCloseOnExec | OpenNonBlocking));

    internal static long Write(SafeFileHandle descriptor, void* buffer, nuint length)
    {
        long result;
        do
        {
            result = FaultInjection.Fails("write", out long fault) ? fault : OrError(WriteCall(descriptor, buffer, length));
        }
        while (result == -(int)Errno.Interrupted);
        return result;
    }

    internal static Errno ErrorOf(long result) => result < 0 ? (Errno)(-result) : Errno.None;

    private static long Restarting(nint number, nint a, nint b, nint c, nint d, nint e)
    {
        long result;
        do
        {
            result = FailsCall(number, out long fault) ? fault : OrError(SystemCall(number, a, b, c, d, e));
        }
        while (result == -(int)Errno.Interrupted);
        return result;
    }

    private static bool FailsCall(nint number, out long result)
    {
        result = 0;
        return FaultInjection.IsSupported && FaultInjection.Fails(NameOf(number), out result);
    }

    private static bool FailsIoctl(nuint request, out long result)
    {
        result = 0;
        return FaultInjection.IsSupported && FaultInjection.Fails(NameOfIoctl(request), out result);
    }

    private static long OrError(nint result) => result == -1 ? -Marshal.GetLastPInvokeError() : result;

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial nint SystemCall(nint number, nint a, nint b, nint c, nint d, nint e);

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial nint SystemCall(nint number, SafeFileHandle a, nint b, nint c, nint d, nint e);

    [LibraryImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    private static partial int IoctlCall(SafeFileHandle descriptor, nuint request, void* argument);

    [LibraryImport("libc", EntryPoint = "read", SetLastError = true)]
    private static partial nint ReadCall(SafeFileHandle descriptor, void* buffer, nuint length);

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    private static partial nint WriteCall(SafeFileHandle descriptor, void* buffer, nuint length);

    [LibraryImport("libc", EntryPoint = "eventfd", SetLastError = true)]
    private static partial int EventDescriptorCall(uint initial, int flags);

    [LibraryImport("libc", EntryPoint = "pread", SetLastError = true)]
    private static partial nint ReadAtCall(SafeFileHandle descriptor, void* buffer, nuint length, long offset);

    [LibraryImport("libc", EntryPoint = "lseek", SetLastError = true)]
    private static partial long SeekCall(SafeFileHandle descriptor, long offset, int origin);

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int OpenCall(string path, int flags, int mode);

    [LibraryImport("libc", EntryPoint = "poll", SetLastError = true)]
    private static partial int PollCall(PollEntry* entries, nuint count, int timeoutMilliseconds);

    [LibraryImport("libc", EntryPoint = "process_vm_readv", SetLastError = true)]
    private static partial nint ReadProcessCall(
        int processId, IoVector* local, nuint localCount, IoVector* remote, nuint remoteCount, nuint flags);

    [LibraryImport("libc", EntryPoint = "process_vm_writev", SetLastError = true)]
    private static partial nint WriteProcessCall(
        int processId, IoVector* local, nuint localCount, IoVector* remote, nuint remoteCount, nuint flags);

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int StatxCall(int directory, string path, int flags, uint mask, FileStatus* status);
}
