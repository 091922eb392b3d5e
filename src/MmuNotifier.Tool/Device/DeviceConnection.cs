using Microsoft.Win32.SafeHandles;
using MmuNotifier.Hmm.Drivers.Mirroring;
using MmuNotifier.Linux;

namespace MmuNotifier.Tool.Device;

/// <summary>
/// One open device: a descriptor of the program, and its copies in forks. Each request comes on a socket of its own; they are served one
/// after the other, since the device's lock would make them wait anyway. When the last copy is closed, the device file is closed.
/// </summary>
internal sealed class DeviceConnection(
    DeviceServer server, DeviceSocket socket, ServedMemory memory, MirrorDeviceFile file, DeviceFailures failures)
{
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

    /// <summary>Waits until the device file is closed, at most for the limit, and only while <paramref name="asking"/> is open.</summary>
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
                if (message.Kind == DeviceMessageKind.Failed)
                    failures.Tell(sender, message);
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
        bool isOwner = sender == memory.Memory.ProcessId;
        var caller = new CallerMemory(sender, isOwner ? memory.Memory : null);
        ulong number = (uint)message.Number - (ulong)MirrorCommandBlock.FirstRequest;
        if (number > (ulong)MirrorCommand.ReadUnlocked)
            return Errno.InvalidArgument;
        Errno error = caller.Read(message.Value, out MirrorCommandBlock request);
        if (error != Errno.None)
            return error;
        if (request.TryGetRange(out AddressRange range) && !memory.Memory.CatchUp(range))
            return Errno.Busy;
        // Only the process itself can make calls for its memory; another one may have inherited the descriptor.
        if (isOwner)
        {
            using (memory.Memory.ServeWith(conversation))
                error = file.Execute((MirrorCommand)number, ref request, caller);
        }
        else
        {
            error = file.Execute((MirrorCommand)number, ref request, caller);
        }

        return error == Errno.None ? caller.Write(message.Value, request) : error;
    }
}
