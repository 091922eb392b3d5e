using System.Runtime.InteropServices;

namespace MmuNotifier.Linux;

/// <content>Sockets, as far as the runtime's own class lacks it: credentials and descriptors that come with a message.</content>
internal static unsafe partial class Syscall
{
    /// <summary>Restarted after a signal, as <see cref="Send"/> is.</summary>
    internal static long ReceiveMessage(SafeHandle socket, SocketMessage* message, int flags)
    {
        nuint controlLength = message->ControlLength;
        long result;
        do
        {
            message->ControlLength = controlLength;
            result = FaultInjection.Fails("recvmsg", out long fault) ? fault : OrError(ReceiveMessageCall(socket, message, flags));
        }
        while (result == -(int)Errno.Interrupted);
        return result;
    }

    internal static long Send(SafeHandle socket, void* bytes, nuint length, int flags)
    {
        long result;
        do
        {
            result = FaultInjection.Fails("send", out long fault) ? fault : OrError(SendCall(socket, bytes, length, flags));
        }
        while (result == -(int)Errno.Interrupted);
        return result;
    }

    internal static long Shutdown(SafeHandle socket, int how) =>
        FaultInjection.Fails("shutdown", out long fault) ? fault : OrError(ShutdownCall(socket, how));

    internal static long GetSocketOption(SafeHandle socket, int level, int option, void* value, uint* length) =>
        FaultInjection.Fails("getsockopt", out long fault) ? fault : OrError(GetSocketOptionCall(socket, level, option, value, length));

    internal static long SetSocketOption(SafeHandle socket, int level, int option, void* value, uint length) =>
        FaultInjection.Fails("setsockopt", out long fault) ? fault : OrError(SetSocketOptionCall(socket, level, option, value, length));

    /// <summary>Never fails.</summary>
    internal static int EffectiveUser() => EffectiveUserCall();

    [LibraryImport("libc", EntryPoint = "geteuid")]
    private static partial int EffectiveUserCall();

    [LibraryImport("libc", EntryPoint = "recvmsg", SetLastError = true)]
    private static partial nint ReceiveMessageCall(SafeHandle socket, SocketMessage* message, int flags);

    [LibraryImport("libc", EntryPoint = "send", SetLastError = true)]
    private static partial nint SendCall(SafeHandle socket, void* bytes, nuint length, int flags);

    [LibraryImport("libc", EntryPoint = "shutdown", SetLastError = true)]
    private static partial int ShutdownCall(SafeHandle socket, int how);

    [LibraryImport("libc", EntryPoint = "getsockopt", SetLastError = true)]
    private static partial int GetSocketOptionCall(SafeHandle socket, int level, int option, void* value, uint* length);

    [LibraryImport("libc", EntryPoint = "setsockopt", SetLastError = true)]
    private static partial int SetSocketOptionCall(SafeHandle socket, int level, int option, void* value, uint length);
}
