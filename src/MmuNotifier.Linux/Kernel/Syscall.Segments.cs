using System.Runtime.InteropServices;

namespace MmuNotifier.Linux;

/// <content>Shared memory of System V: attached over other memory it replaces that without an event of userfaultfd.</content>
internal static unsafe partial class Syscall
{
    private const int CreatePrivate = 0x380; // IPC_CREAT and read and write for its owner.
    private const int MapOver = 0x4000;
    private const int RemoveSegment = 0;

    /// <summary>Puts a new segment over an address, which goes when it is detached or mapped over.</summary>
    internal static Errno AttachSegmentOver(ulong address, ulong length)
    {
        long segment = FaultInjection.Fails("shmget", out long fault) ? fault : OrError(GetSegmentCall(0, (nuint)length, CreatePrivate));
        if (segment < 0)
            return ErrorOf(segment);
        long attached = FaultInjection.Fails("shmat", out fault) ? fault : OrError(AttachSegmentCall((int)segment, address, MapOver));
        _ = ControlSegmentCall((int)segment, RemoveSegment, 0);
        return ErrorOf(attached);
    }

    [LibraryImport("libc", EntryPoint = "shmget", SetLastError = true)]
    private static partial int GetSegmentCall(int key, nuint length, int flags);

    [LibraryImport("libc", EntryPoint = "shmat", SetLastError = true)]
    private static partial nint AttachSegmentCall(int segment, ulong address, int flags);

    [LibraryImport("libc", EntryPoint = "shmctl", SetLastError = true)]
    private static partial int ControlSegmentCall(int segment, int command, nint argument);
}
