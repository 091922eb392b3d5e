using Microsoft.Win32.SafeHandles;
using MmuNotifier.Linux.Native;
using MmuNotifier.Linux.Userfaultfd;
using Errno = MmuNotifier.Hmm.Errno;

namespace MmuNotifier.Tool.Device;

/// <summary>
/// One open device: a descriptor of the program, and its copies in forks. Its requests are served one after the other: they would meet at
/// the device's lock anyway, and each comes with a conversation of its own. When the last copy is closed, the device file is.
/// </summary>
internal sealed class DeviceConnection(DeviceServer server, DeviceSocket socket, ServedMemory memory, ServedDeviceFile file)
{
    /// <summary>_IOWR('H', 0, 40 bytes).</summary>
    private const ulong FirstRequest = 0xC0284800;

    /// <summary>How often it is looked whether there is still somebody to wait for.</summary>
    private const int LookMilliseconds = 20;

    private readonly object _closing = new();
    private bool _isClosed;

    /// <summary>Whether the last copy has been closed.</summary>
    internal bool HasHungUp
    {
        get
        {
            if (Volatile.Read(ref _isClosed))
                return true;
            Span<PollEntry> entry = [new PollEntry { Descriptor = socket.Descriptor }];
            return DescriptorPoll.Wait(entry, 0, out _) > 0 && (entry[0].Returned & (PollEvents.HangUp | PollEvents.Invalid)) != 0;
        }
    }

    /// <summary>Waits until the device file is closed, as long as the limit, and as long as somebody asks for it.</summary>
    internal void WaitUntilClosed(TimeSpan limit, DeviceConnection? asking)
    {
        long end = Environment.TickCount64 + (long)limit.TotalMilliseconds;
        while (Environment.TickCount64 < end && asking?.HasHungUp != true)
        {
            lock (_closing)
            {
                if (_isClosed || Monitor.Wait(_closing, LookMilliseconds))
                    return;
            }
        }
    }

    /// <summary>Serves it until it is closed, on the calling thread.</summary>
    internal void Serve()
    {
        while (socket.TryReceive(out DeviceMessage message, out int sender, out List<SafeFileHandle> descriptors))
        {
            if (message.Kind != DeviceMessageKind.Ioctl || descriptors.Count != 1)
            {
                DeviceSocket.Discard(descriptors);
                continue;
            }

            using var conversation = new Conversation(descriptors[0]);
            conversation.End(Carry(message, sender, conversation));
        }

        file.Dispose();
        memory.LetGo();
        lock (_closing)
        {
            _isClosed = true;
            Monitor.PulseAll(_closing);
        }
    }

    private Errno Carry(in DeviceMessage message, int sender, Conversation conversation)
    {
        server.FinishHangUps(this);
        ulong number = (uint)message.Number - FirstRequest;
        if (number > (ulong)MirrorRequestKind.Flags)
            return Errno.InvalidArgument;
        Errno error = CallerMemory.Read(sender, message.Value, out MirrorRequest request);
        if (error != Errno.None)
            return error;
        if (request.TryGetRange(out AddressRange range))
            memory.Memory.CatchUp(range);
        // Only the process itself can make calls for its memory; another one may have inherited the descriptor.
        if (sender == memory.Memory.ProcessId)
        {
            using (memory.Memory.ServeWith(conversation))
                error = file.Execute((MirrorRequestKind)number, ref request, sender);
        }
        else
        {
            error = file.Execute((MirrorRequestKind)number, ref request, sender);
        }

        return error == Errno.None ? CallerMemory.Write(sender, message.Value, request) : error;
    }
}
