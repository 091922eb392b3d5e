using Microsoft.Win32.SafeHandles;
using MmuNotifier.Processes;

namespace MmuNotifier.Tool.Device;

/// <summary>
/// The talk about one request: a thread of the program waits in it, and makes the calls that only its own process can make.
/// </summary>
internal sealed class Conversation : IProgramCalls, IDisposable
{
    private readonly DeviceSocket _socket;

    internal Conversation(SafeFileHandle handle) => _socket = new DeviceSocket(handle);

    public Errno Advise(AddressRange range, int advice)
    {
        var request = new DeviceMessage
        {
            Kind = DeviceMessageKind.Advise,
            Number = (ulong)advice,
            Address = range.Start,
            LengthBytes = range.Last - range.Start + 1,
        };
        if (!_socket.TrySend(request) || !_socket.TryReceive(out DeviceMessage answer, out _, out List<SafeFileHandle> descriptors))
            return Errno.NoProcess;
        DeviceSocket.Discard(descriptors);
        return answer.Kind == DeviceMessageKind.Advised ? (Errno)answer.Error : Errno.NoProcess;
    }

    /// <summary>Ends it: the program's thread continues.</summary>
    internal void End(Errno error) => _socket.TrySend(new DeviceMessage { Kind = DeviceMessageKind.Result, Error = (int)error });

    public void Dispose() => _socket.Dispose();
}
