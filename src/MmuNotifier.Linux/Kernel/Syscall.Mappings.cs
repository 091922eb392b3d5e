using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace MmuNotifier.Linux;

/// <content>What a process does to its own memory, and to files that live in memory.</content>
internal static unsafe partial class Syscall
{
    private const int PunchHoleKeepingSize = 3;
    private const uint MemoryFileCloseOnExec = 1;

    internal static long MapAnonymous(ulong address, ulong length, int protection, int flags, ulong offset) =>
        FaultInjection.Fails("mmap", out long fault)
            ? fault
            : OrError(MapCall(address, (nuint)length, protection, flags, -1, (long)offset));

    internal static long MapFile(ulong address, ulong length, int protection, int flags, SafeFileHandle file, ulong offset) =>
        FaultInjection.Fails("mmap", out long fault)
            ? fault
            : OrError(MapCall(address, (nuint)length, protection, flags, file, (long)offset));

    internal static Errno Unmap(ulong address, ulong length) =>
        ErrorOf(FaultInjection.Fails("munmap", out long fault) ? fault : OrError(UnmapCall(address, (nuint)length)));

    internal static long Remap(ulong address, ulong length, ulong newLength, int flags, ulong newAddress) =>
        FaultInjection.Fails("mremap", out long fault)
            ? fault
            : OrError(RemapCall(address, (nuint)length, (nuint)newLength, flags, newAddress));

    internal static Errno Protect(ulong address, ulong length, int protection) =>
        ErrorOf(FaultInjection.Fails("mprotect", out long fault) ? fault : OrError(ProtectCall(address, (nuint)length, protection)));

    /// <summary>madvise, not restarted: who fills pages decides how often.</summary>
    internal static Errno Advise(ulong address, ulong length, int advice) =>
        ErrorOf(FaultInjection.Fails("madvise", out long fault) ? fault : OrError(AdviseCall(address, (nuint)length, advice)));

    internal static SafeFileHandle? CreateMemoryFile(string name, out Errno error)
    {
        long result = FaultInjection.Fails("memfd_create", out long fault)
            ? fault
            : OrError(CreateMemoryFileCall(name, MemoryFileCloseOnExec));
        error = ErrorOf(result);
        return result < 0 ? null : new SafeFileHandle((nint)result, ownsHandle: true);
    }

    internal static Errno Truncate(SafeFileHandle file, ulong length)
    {
        long result;
        do
        {
            result = FaultInjection.Fails("ftruncate", out long fault) ? fault : OrError(TruncateCall(file, (long)length));
        }
        while (result == -(int)Errno.Interrupted);
        return ErrorOf(result);
    }

    internal static Errno PunchHole(SafeFileHandle file, ulong offset, ulong length)
    {
        long result;
        do
        {
            result = FaultInjection.Fails("fallocate", out long fault)
                ? fault
                : OrError(AllocateCall(file, PunchHoleKeepingSize, (long)offset, (long)length));
        }
        while (result == -(int)Errno.Interrupted);
        return ErrorOf(result);
    }

    internal static long WriteAt(SafeFileHandle file, void* buffer, nuint length, long offset)
    {
        long result;
        do
        {
            result = FaultInjection.Fails("pwrite", out long fault) ? fault : OrError(WriteAtCall(file, buffer, length, offset));
        }
        while (result == -(int)Errno.Interrupted);
        return result;
    }

    [LibraryImport("libc", EntryPoint = "mmap", SetLastError = true)]
    private static partial nint MapCall(ulong address, nuint length, int protection, int flags, int file, long offset);

    [LibraryImport("libc", EntryPoint = "mmap", SetLastError = true)]
    private static partial nint MapCall(ulong address, nuint length, int protection, int flags, SafeFileHandle file, long offset);

    [LibraryImport("libc", EntryPoint = "munmap", SetLastError = true)]
    private static partial int UnmapCall(ulong address, nuint length);

    [LibraryImport("libc", EntryPoint = "mremap", SetLastError = true)]
    private static partial nint RemapCall(ulong address, nuint length, nuint newLength, int flags, ulong newAddress);

    [LibraryImport("libc", EntryPoint = "mprotect", SetLastError = true)]
    private static partial int ProtectCall(ulong address, nuint length, int protection);

    [LibraryImport("libc", EntryPoint = "madvise", SetLastError = true)]
    private static partial int AdviseCall(ulong address, nuint length, int advice);

    [LibraryImport("libc", EntryPoint = "memfd_create", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int CreateMemoryFileCall(string name, uint flags);

    [LibraryImport("libc", EntryPoint = "ftruncate", SetLastError = true)]
    private static partial int TruncateCall(SafeFileHandle file, long length);

    [LibraryImport("libc", EntryPoint = "fallocate", SetLastError = true)]
    private static partial int AllocateCall(SafeFileHandle file, int mode, long offset, long length);

    [LibraryImport("libc", EntryPoint = "pwrite", SetLastError = true)]
    private static partial nint WriteAtCall(SafeFileHandle file, void* buffer, nuint length, long offset);
}
