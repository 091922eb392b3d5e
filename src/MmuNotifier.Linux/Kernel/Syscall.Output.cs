using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace MmuNotifier.Linux;

/// <content>Files that are written: made under a name of their own and renamed, with holes in them.</content>
internal static unsafe partial class Syscall
{
    private const int OpenReadWrite = 2;
    private const int OpenNew = 0xC0; // O_CREAT | O_EXCL
    private const int OpenUnnamed = 0x410000; // O_TMPFILE
    private const int OwnerReadsAndWrites = 0x180; // 0600
    private const int SeekEnd = 2;
    private const int SeekData = 3;

    /// <summary>Makes a file that only its owner can read and write, for both; fails if there is one of that name.</summary>
    internal static SafeFileHandle? CreatePrivateFile(string path, out Errno error) =>
        OpenFor(path, OpenReadWrite | OpenNew, out error);

    /// <summary>The same without a name, in a folder: it goes when it is closed.</summary>
    internal static SafeFileHandle? CreateUnnamedFile(string folder, out Errno error) =>
        OpenFor(folder, OpenReadWrite | OpenUnnamed, out error);

    /// <summary>Gives a file another name, in place of a file that has it.</summary>
    internal static Errno Rename(string from, string to) =>
        ErrorOf(FaultInjection.Fails("rename", out long fault) ? fault : OrError(RenameCall(from, to)));

    internal static Errno RemoveFile(string path) =>
        ErrorOf(FaultInjection.Fails("unlink", out long fault) ? fault : OrError(UnlinkCall(path)));

    /// <summary>ENXIO: <see cref="FindData"/> found only a hole up to the end of the file.</summary>
    internal const Errno NoMoreData = (Errno)6;

    /// <summary>
    /// Where the next bytes are that are no hole, from an offset on; <see cref="NoMoreData"/> if there are none. Moves the file's position.
    /// </summary>
    internal static long FindData(SafeFileHandle file, long offset) =>
        FaultInjection.Fails("lseek", out long fault) ? fault : OrError((nint)SeekCall(file, offset, SeekData));

    /// <summary>The length of a file. Moves its position.</summary>
    internal static long FindEnd(SafeFileHandle file) =>
        FaultInjection.Fails("lseek", out long fault) ? fault : OrError((nint)SeekCall(file, 0, SeekEnd));

    private static SafeFileHandle? OpenFor(string path, int flags, out Errno error)
    {
        long result;
        do
        {
            result = FaultInjection.Fails("open", out long fault)
                ? fault
                : OrError(OpenCall(path, flags | OpenCloseOnExec, OwnerReadsAndWrites));
        }
        while (result == -(int)Errno.Interrupted);
        error = ErrorOf(result);
        return result < 0 ? null : new SafeFileHandle((nint)result, ownsHandle: true);
    }

    [LibraryImport(
        "libc", EntryPoint = "rename", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int RenameCall(string from, string to);

    [LibraryImport(
        "libc", EntryPoint = "unlink", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int UnlinkCall(string path);
}
