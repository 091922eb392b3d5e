using System.Runtime.InteropServices;

namespace MmuNotifier.Linux;

/// <summary>Starting a program without the runtime's <c>Process</c> class.</summary>
internal static unsafe partial class Syscall
{
    /// <summary>More than <c>posix_spawnattr_t</c> and <c>posix_spawn_file_actions_t</c> take in glibc (336, 80) and musl.</summary>
    internal const int SpawnStructureSize = 1024;

    internal static Errno Spawn(
        int* processId, string path, void* fileActions, void* attributes, byte** arguments, byte** environment) =>
        FaultInjection.Fails("posix_spawn", out long fault)
            ? ErrorOf(fault)
            : (Errno)SpawnCall(processId, path, fileActions, attributes, arguments, environment);

    internal static Errno Pipe(int* ends, int flags) =>
        ErrorOf(FaultInjection.Fails("pipe2", out long fault) ? fault : OrError(PipeCall(ends, flags)));

    internal static Errno Access(string path, int mode) =>
        ErrorOf(FaultInjection.Fails("access", out long fault) ? fault : OrError(AccessCall(path, mode)));

    [LibraryImport("libc", EntryPoint = "posix_spawn", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SpawnCall(
        int* processId, string path, void* fileActions, void* attributes, byte** arguments, byte** environment);

    [LibraryImport("libc", EntryPoint = "posix_spawn_file_actions_init")]
    internal static partial int SpawnFileActionsInit(void* fileActions);

    [LibraryImport("libc", EntryPoint = "posix_spawn_file_actions_destroy")]
    internal static partial int SpawnFileActionsDestroy(void* fileActions);

    [LibraryImport("libc", EntryPoint = "posix_spawn_file_actions_adddup2")]
    internal static partial int SpawnFileActionsDuplicate(void* fileActions, int from, int to);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_init")]
    internal static partial int SpawnAttributesInit(void* attributes);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_destroy")]
    internal static partial int SpawnAttributesDestroy(void* attributes);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_setflags")]
    internal static partial int SpawnAttributesSetFlags(void* attributes, short flags);

    /// <param name="attributes">What is to be changed.</param>
    /// <param name="signals">A <c>sigset_t</c> of 128 bytes.</param>
    [LibraryImport("libc", EntryPoint = "posix_spawnattr_setsigdefault")]
    internal static partial int SpawnAttributesSetDefaultSignals(void* attributes, ulong* signals);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_setsigmask")]
    internal static partial int SpawnAttributesSetMask(void* attributes, ulong* signals);

    [LibraryImport("libc", EntryPoint = "pipe2", SetLastError = true)]
    private static partial int PipeCall(int* ends, int flags);

    [LibraryImport("libc", EntryPoint = "fcntl", SetLastError = true)]
    internal static partial int SpawnDescriptorFlags(int descriptor, int command, int argument);

    [LibraryImport("libc", EntryPoint = "access", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int AccessCall(string path, int mode);
}
