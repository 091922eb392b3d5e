using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace MmuNotifier.Tool.Device;

/// <summary>
/// A connection to a program, of kind SOCK_SEQPACKET. Messages come with the process that sent them, told by the kernel, and with the
/// descriptors that it handed over. One thread receives; <see cref="HangUp"/> may come from any.
/// </summary>
internal sealed unsafe partial class DeviceSocket : IDisposable
{
    private const int MaxDescriptors = 2;
    private const int ControlBytes = 128;
    private const int SocketLevel = 1;
    private const int PassCredentials = 16;
    private const int PeerCredentials = 17;
    private const int ControlRights = 1;
    private const int ControlCredentials = 2;
    private const int NoSignal = 0x4000;
    private const int CloseOnExec = 0x4000_0000;
    private const int ShutdownBoth = 2;
    private const int Interrupted = 4;

    private readonly SafeHandle _handle;
    private readonly IDisposable _owner;

    /// <summary>Takes a connection over.</summary>
    /// <param name="handle">The socket.</param>
    /// <param name="owner">What closes the handle when it is collected; the handle itself, if nothing else does.</param>
    internal DeviceSocket(SafeHandle handle, IDisposable? owner = null)
    {
        _handle = handle;
        _owner = owner ?? handle;
        int on = 1;
        _ = SetSocketOption(handle, SocketLevel, PassCredentials, &on, sizeof(int));
    }

    /// <summary>For poll; valid until <see cref="Dispose"/>.</summary>
    internal int Descriptor => (int)_handle.DangerousGetHandle();

    /// <summary>Waits for a message; false when the other side has hung up.</summary>
    /// <param name="message">The message.</param>
    /// <param name="sender">The process that sent it; 0 if the kernel did not tell.</param>
    /// <param name="descriptors">What came with it, for the caller to dispose of.</param>
    internal bool TryReceive(out DeviceMessage message, out int sender, out List<SafeFileHandle> descriptors)
    {
        descriptors = [];
        sender = 0;
        byte* control = stackalloc byte[ControlBytes];
        fixed (DeviceMessage* bytes = &message)
        {
            while (true)
            {
                var part = new Vector { Base = bytes, Length = DeviceMessage.SizeBytes };
                var header = new Header { Parts = &part, PartCount = 1, Control = control, ControlLength = ControlBytes };
                nint received = ReceiveMessage(_handle, &header, CloseOnExec);
                if (received < 0 && Marshal.GetLastPInvokeError() == Interrupted)
                    continue;
                if (received > 0)
                    ReadControl(header, ref sender, descriptors);
                if (received is 0 or < 0)
                    return false;
                if (received == DeviceMessage.SizeBytes)
                {
                    // A message that was sent before we asked for senders is from the process that connected.
                    if (sender == 0)
                        sender = Peer();
                    return true;
                }

                // Whatever a program wrote into its device: the kernel's device has no write either.
                Discard(descriptors);
            }
        }
    }

    /// <summary>Sends a message; false if the other side has hung up.</summary>
    internal bool TrySend(in DeviceMessage message)
    {
        fixed (DeviceMessage* bytes = &message)
        {
            nint sent;
            do
            {
                sent = Send(_handle, bytes, DeviceMessage.SizeBytes, NoSignal);
            }
            while (sent < 0 && Marshal.GetLastPInvokeError() == Interrupted);
            return sent == DeviceMessage.SizeBytes;
        }
    }

    /// <summary>Ends the connection: a <see cref="TryReceive"/> under way returns false.</summary>
    internal void HangUp() => _ = Shutdown(_handle, ShutdownBoth);

    public void Dispose() => _owner.Dispose();

    internal static void Discard(List<SafeFileHandle> descriptors)
    {
        foreach (SafeFileHandle descriptor in descriptors)
            descriptor.Dispose();
        descriptors.Clear();
    }

    /// <summary>Whether a process of our user, or of root, made the connection; told by the kernel.</summary>
    internal bool IsFromOurUser()
    {
        const int root = 0;
        return TryGetPeer(out _, out int user) && (user == root || user == EffectiveUser());
    }

    private int Peer() => TryGetPeer(out int processId, out _) ? processId : 0;

    private bool TryGetPeer(out int processId, out int user)
    {
        int* credentials = stackalloc int[3];
        uint length = 3 * sizeof(int);
        bool isTold = GetSocketOption(_handle, SocketLevel, PeerCredentials, credentials, &length) == 0;
        (processId, user) = isTold ? (credentials[0], credentials[1]) : (0, 0);
        return isTold;
    }

    private static void ReadControl(in Header header, ref int sender, List<SafeFileHandle> descriptors)
    {
        byte* part = header.Control;
        byte* end = part + header.ControlLength;
        while (part + sizeof(ControlHeader) <= end)
        {
            var control = (ControlHeader*)part;
            if (control->Length < (nuint)sizeof(ControlHeader))
                return;
            int bytes = (int)control->Length - sizeof(ControlHeader);
            int* data = (int*)(part + sizeof(ControlHeader));
            if (control->Level == SocketLevel && control->Type == ControlRights)
            {
                for (int i = 0; i < bytes / sizeof(int) && i < MaxDescriptors * 2; i++)
                    descriptors.Add(new SafeFileHandle(data[i], ownsHandle: true));
            }
            else if (control->Level == SocketLevel && control->Type == ControlCredentials)
            {
                sender = data[0];
            }

            part += ((int)control->Length + sizeof(nuint) - 1) & ~(sizeof(nuint) - 1);
        }
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct Vector
    {
        internal void* Base;
        internal nuint Length;
    }

    /// <summary>struct msghdr.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct Header
    {
        internal void* Name;
        internal uint NameLength;
        internal Vector* Parts;
        internal nuint PartCount;
        internal byte* Control;
        internal nuint ControlLength;
        internal int Flags;
    }

    /// <summary>struct cmsghdr.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct ControlHeader
    {
        internal nuint Length;
        internal int Level;
        internal int Type;
    }

    [LibraryImport("libc", EntryPoint = "recvmsg", SetLastError = true)]
    private static partial nint ReceiveMessage(SafeHandle socket, Header* header, int flags);

    [LibraryImport("libc", EntryPoint = "send", SetLastError = true)]
    private static partial nint Send(SafeHandle socket, void* bytes, nuint length, int flags);

    [LibraryImport("libc", EntryPoint = "shutdown", SetLastError = true)]
    private static partial int Shutdown(SafeHandle socket, int how);

    [LibraryImport("libc", EntryPoint = "geteuid")]
    private static partial int EffectiveUser();

    [LibraryImport("libc", EntryPoint = "getsockopt", SetLastError = true)]
    private static partial int GetSocketOption(SafeHandle socket, int level, int option, void* value, uint* length);

    [LibraryImport("libc", EntryPoint = "setsockopt", SetLastError = true)]
    private static partial int SetSocketOption(SafeHandle socket, int level, int option, void* value, uint length);
}
