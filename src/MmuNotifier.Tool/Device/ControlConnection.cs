using Microsoft.Win32.SafeHandles;

namespace MmuNotifier.Tool.Device;

/// <summary>
/// The connection that stands for an address space: it says when the program forks, and its end when the program exits or execs.
/// </summary>
internal static class ControlConnection
{
    /// <summary>Serves it until it ends, on the calling thread.</summary>
    internal static void Serve(DeviceSocket socket, ServedMemory memory, DeviceFailures failures)
    {
        while (socket.TryReceive(out DeviceMessage message, out int sender, out List<SafeFileHandle> descriptors))
        {
            if (message.Kind != DeviceMessageKind.Fork || descriptors.Count != 1)
            {
                DeviceSocket.Discard(descriptors);
                if (message.Kind == DeviceMessageKind.Failed)
                    failures.Tell(sender, message);
                continue;
            }

            using var conversation = new Conversation(descriptors[0]);
            memory.Memory.PrepareFork();
            conversation.End(Errno.None);
        }

        memory.Memory.NoteExit();
        memory.LetGo();
    }
}
