using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using MmuNotifier.Linux;

namespace MmuNotifier.Tool.Device;

/// <summary>
/// A connection to a program, of kind SOCK_SEQPACKET. Messages come with the process that sent them, as the kernel names it, and with the
/// descriptors that it handed over. One thread receives; <see cref="HangUp"/> may come from any.
/// </summary>
internal sealed unsafe class DeviceSocket : IDisposable
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
    private const int BrokenPipe = 32;
    private const int NotConnected = 107;

    /// <summary>Tries, a millisecond apart, before an error counts as the end of the connection.</summary>
    private const int MaxFailures = 1000;

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
        _ = Syscall.SetSocketOption(handle, SocketLevel, PassCredentials, &on, sizeof(int));
    }

    /// <summary>For poll; valid until <see cref="Dispose"/>.</summary>
    internal int Descriptor => (int)_handle.DangerousGetHandle();

    /// <summary>Waits for a message; false when the other side has hung up.</summary>
    /// <param name="message">The message.</param>
    /// <param name="sender">The process that sent it; 0 if the kernel did not say.</param>
    /// <param name="descriptors">What came with it, for the caller to dispose of.</param>
    internal bool TryReceive(out DeviceMessage message, out int sender, out List<SafeFileHandle> descriptors)
    {
        descriptors = [];
        sender = 0;
        byte* control = stackalloc byte[ControlBytes];
        int failures = 0;
        fixed (DeviceMessage* bytes = &message)
        {
            while (true)
            {
                var part = new SocketVector { Base = bytes, Length = DeviceMessage.SizeBytes };
                var header = new SocketMessage { Parts = &part, PartCount = 1, Control = control, ControlLength = ControlBytes };
                long received = Syscall.ReceiveMessage(_handle, &header, CloseOnExec);
                if (received > 0)
                    ReadControl(header, ref sender, descriptors);
                if (received == 0)
                    return false;
                if (received < 0)
                {
                    // A connection that is lost says so by ending. To take a moment without memory for that would lose the program's pages.
                    if (++failures > MaxFailures)
                        return false;
                    Thread.Sleep(1);
                    continue;
                }

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

    /// <summary>
    /// Sends a message; false if the other side has hung up. If it cannot be sent for another reason, we hang up: nobody waits for it.
    /// </summary>
    internal bool TrySend(in DeviceMessage message)
    {
        fixed (DeviceMessage* bytes = &message)
        {
            for (int failures = 0; failures < MaxFailures; failures++)
            {
                long sent = Syscall.Send(_handle, bytes, DeviceMessage.SizeBytes, NoSignal);
                if (sent == DeviceMessage.SizeBytes)
                    return true;
                if ((int)Syscall.ErrorOf(sent) is BrokenPipe or NotConnected)
                    break;
                Thread.Sleep(1);
            }
        }

        HangUp();
        return false;
    }

    /// <summary>Ends the connection: a <see cref="TryReceive"/> under way returns false.</summary>
    internal void HangUp() => _ = Syscall.Shutdown(_handle, ShutdownBoth);

    public void Dispose() => _owner.Dispose();

    internal static void Discard(List<SafeFileHandle> descriptors)
    {
        foreach (SafeFileHandle descriptor in descriptors)
            descriptor.Dispose();
        descriptors.Clear();
    }

    /// <summary>Whether a process of our user, or of root, made the connection, as the kernel says.</summary>
    internal bool IsFromOurUser()
    {
        const int root = 0;
        return TryGetPeer(out _, out int user) && (user == root || user == Syscall.EffectiveUser());
    }

    private int Peer() => TryGetPeer(out int processId, out _) ? processId : 0;

    private bool TryGetPeer(out int processId, out int user)
    {
        int* credentials = stackalloc int[3];
        uint length = 3 * sizeof(int);
        bool isTold = Syscall.GetSocketOption(_handle, SocketLevel, PeerCredentials, credentials, &length) == 0;
        (processId, user) = isTold ? (credentials[0], credentials[1]) : (0, 0);
        return isTold;
    }

    private static void ReadControl(in SocketMessage header, ref int sender, List<SafeFileHandle> descriptors)
    {
        byte* part = header.Control;
        byte* end = part + header.ControlLength;
        while (part + sizeof(SocketControl) <= end)
        {
            var control = (SocketControl*)part;
            if (control->Length < (nuint)sizeof(SocketControl))
                return;
            int bytes = (int)control->Length - sizeof(SocketControl);
            int* data = (int*)(part + sizeof(SocketControl));
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
}
