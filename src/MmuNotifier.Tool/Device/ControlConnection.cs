using Microsoft.Win32.SafeHandles;
using MmuNotifier.Processes;

namespace MmuNotifier.Tool.Device;

/// <summary>
/// The connection that stands for an address space: it says when the program forks or moves memory, and its end when the program exits or
/// execs.
/// </summary>
internal static class ControlConnection
{
    /// <summary>Serves it until it ends, on the calling thread.</summary>
    internal static void Serve(DeviceSocket socket, ServedMemory memory, DeviceFailures failures)
    {
        while (socket.TryReceive(out DeviceMessage message, out int sender, out List<SafeFileHandle> descriptors))
        {
            if (message.Kind is not (DeviceMessageKind.Fork or DeviceMessageKind.Remap) || descriptors.Count != 1)
            {
                DeviceSocket.Discard(descriptors);
                if (message.Kind == DeviceMessageKind.Failed)
                    failures.Tell(sender, message);
                continue;
            }

            using var conversation = new Conversation(descriptors[0]);
            if (message.Kind == DeviceMessageKind.Remap)
                PrepareRemap(message, memory.Memory);
            else
                memory.Memory.PrepareFork();
            conversation.End(Errno.None);
        }

        memory.Memory.NoteExit();
        memory.LetGo();
    }

    private static void PrepareRemap(in DeviceMessage message, RemoteMemory memory)
    {
        if (message.LengthBytes > 0 && message.Address + message.LengthBytes - 1 >= message.Address)
            memory.PrepareRemap(AddressRange.FromLength(message.Address, message.LengthBytes));
    }
}
