using System.Net.Sockets;
using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;
using MmuNotifier.Linux;
using MmuNotifier.Processes;

namespace MmuNotifier.Tool.Device;

/// <summary>
/// The device process's side: programs connect to an abstract socket, which has no file that could be left behind. A connection is either
/// an address space (<see cref="ControlConnection"/>) or an open device (<see cref="DeviceConnection"/>), and has a thread.
/// </summary>
internal sealed class DeviceServer : IDisposable
{
    private const int Backlog = 128;
    private const int NameBytes = 16;
    private const int PermissionDenied = 13;
    private const int TooManyOpenFiles = 24;

    /// <summary>Tries, a millisecond apart, before a program is refused for want of descriptors of our own.</summary>
    private const int MaxTriesWithoutDescriptors = 1000;

    /// <summary>A program sends its request right after it has connected.</summary>
    private static readonly TimeSpan RequestLimit = TimeSpan.FromSeconds(0.1);

    /// <summary>Bounds how long a request waits for devices that were closed before it.</summary>
    private static readonly TimeSpan HangUpLimit = TimeSpan.FromSeconds(10);

    private readonly Socket _listener;

    /// <summary>Given up for a moment to refuse a program when no descriptor is left.</summary>
    private SafeFileHandle _reserve;

    private readonly Thread _accepting;
    private readonly object _lock = new();
    private readonly Dictionary<ulong, ServedMemory> _memories = [];
    private readonly List<DeviceConnection> _open = [];
    private readonly List<DeviceSocket> _sockets = [];
    private readonly DeviceSet _devices = new();
    private readonly DeviceFailures _failures = new();
    private ulong _lastNumber;
    private int _connections;
    private bool _isClosing;

    /// <summary>Starts to listen.</summary>
    /// <exception cref="ProcessAttachException">No descriptor or thread is left.</exception>
    internal DeviceServer()
    {
        try
        {
            _reserve = OpenReserve();
            SocketName = $"mmun-device-{Convert.ToHexString(RandomNumberGenerator.GetBytes(NameBytes))}";
            _listener = new Socket(AddressFamily.Unix, SocketType.Seqpacket, ProtocolType.Unspecified);
            _listener.Bind(new UnixDomainSocketEndPoint('\0' + SocketName));
            _listener.Listen(Backlog);
            _accepting = new Thread(Accept) { IsBackground = true, Name = "device: accept" };
            Syscall.Start(_accepting);
        }
        catch (Exception exception) when (exception is SocketException or IOException or InvalidOperationException)
        {
            _listener?.Dispose();
            _reserve?.Dispose();
            throw new ProcessAttachException($"No device can be served: {exception.Message}", exception);
        }
    }

    /// <summary>Where programs connect: the name of an abstract socket, without the leading zero.</summary>
    internal string SocketName { get; }

    /// <summary>Waits until no program has an address space or a device open any more.</summary>
    internal void WaitForPrograms()
    {
        lock (_lock)
        {
            while (_connections > 0)
                Monitor.Wait(_lock);
        }
    }

    /// <summary>
    /// Waits for the end of devices that were closed before now: closing is a hang-up, which is seen a little later, but before the next
    /// request of the process that closed it.
    /// </summary>
    /// <param name="asking">Whose request it is; if it hangs up itself, nobody waits for the answer, and two that wait for each other must
    /// not.</param>
    internal void FinishHangUps(DeviceConnection? asking = null)
    {
        DeviceConnection[] open;
        lock (_lock)
            open = [.. _open];
        foreach (DeviceConnection connection in open)
        {
            if (connection != asking && connection.HasHungUp)
                connection.WaitUntilClosed(HangUpLimit, asking);
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _isClosing = true;
            foreach (DeviceSocket socket in _sockets)
                socket.HangUp();
        }

        _listener.Dispose();
        _accepting.Join();
        WaitForPrograms();
        _devices.Dispose();
        _reserve.Dispose();
    }

    private static SafeFileHandle OpenReserve() => File.OpenHandle("/dev/null");

    private void Accept()
    {
        int shortages = 0;
        while (true)
        {
            Socket accepted;
            try
            {
                accepted = _listener.Accept();
                shortages = 0;
            }
            catch (Exception problem) when (problem is SocketException or ObjectDisposedException)
            {
                lock (_lock)
                {
                    if (_isClosing)
                        return;
                }

                Thread.Sleep(1); // Out of descriptors, or the program has gone before it was accepted.
                if (problem is SocketException { SocketErrorCode: SocketError.TooManyOpenSockets }
                    && ++shortages > MaxTriesWithoutDescriptors)
                    RefuseForWantOfDescriptors();
                continue;
            }

            var socket = new DeviceSocket(accepted.SafeHandle, accepted);
            lock (_lock)
            {
                _connections++;
                _sockets.Add(socket);
                if (_isClosing)
                    socket.HangUp();
            }

            if (!TryStartServing(socket))
            {
                AnswerWithoutDescriptors(accepted, socket);
                End(socket);
            }
        }
    }

    // Devices that were closed a moment ago give their descriptors back soon.
    private bool TryStartServing(DeviceSocket socket)
    {
        for (int tries = 0; tries < MaxTriesWithoutDescriptors; tries++)
        {
            try
            {
                Syscall.Start(new Thread(() => Serve(socket)) { IsBackground = true, Name = "device: connection" });
                return true;
            }
            catch (InvalidOperationException)
            {
                Thread.Sleep(1);
            }
        }

        return false;
    }

    // Its request is read first: to a program whose request was never read, the kernel says that the connection was reset. Read once only:
    // whatever a program sends, the thread that accepts must not wait for more. The kernel closes descriptors that come with it.
    private static void AnswerWithoutDescriptors(Socket connection, DeviceSocket socket)
    {
        if (connection.Poll(RequestLimit, SelectMode.SelectRead))
            _ = connection.Receive(new byte[DeviceMessage.SizeBytes], SocketFlags.None, out _);
        socket.TrySend(new DeviceMessage { Kind = DeviceMessageKind.Result, Error = TooManyOpenFiles });
    }

    private void End(DeviceSocket socket)
    {
        lock (_lock)
        {
            _sockets.Remove(socket);
            _connections--;
            Monitor.PulseAll(_lock);
        }

        socket.Dispose();
    }

    /// <summary>Answers a program that waits for a connection: nobody knows when a descriptor will be free.</summary>
    private void RefuseForWantOfDescriptors()
    {
        _reserve.Dispose();
        try
        {
            if (!_listener.Poll(0, SelectMode.SelectRead))
                return;
            Socket refused = _listener.Accept();
            using var socket = new DeviceSocket(refused.SafeHandle, refused);
            AnswerWithoutDescriptors(refused, socket);
        }
        catch (Exception problem) when (problem is SocketException or ObjectDisposedException)
        {
            // Another thread was faster; it is tried again.
        }
        finally
        {
            try
            {
                _reserve = OpenReserve();
            }
            catch (IOException)
            {
                // The next one is refused when a descriptor is free again.
            }
        }
    }

    private void Serve(DeviceSocket socket)
    {
        try
        {
            if (socket.TryReceive(out DeviceMessage message, out int sender, out List<SafeFileHandle> descriptors))
            {
                // An abstract socket has no file whose permissions would keep others out.
                if (!socket.IsFromOurUser())
                    Refuse(socket, descriptors);
                else if (message.Kind == DeviceMessageKind.Hello && descriptors.Count == 2)
                    ServeAddressSpace(socket, sender, descriptors);
                else if (message.Kind == DeviceMessageKind.Open && descriptors.Count == 0)
                    ServeDevice(socket, message, sender);
                else if (message.Kind == DeviceMessageKind.Failed)
                    _failures.Tell(sender, message);
                else
                    DeviceSocket.Discard(descriptors);
            }
        }
        finally
        {
            End(socket);
        }
    }

    private static void Refuse(DeviceSocket socket, List<SafeFileHandle> descriptors)
    {
        DeviceSocket.Discard(descriptors);
        socket.TrySend(new DeviceMessage { Kind = DeviceMessageKind.Result, Error = PermissionDenied });
    }

    private void ServeAddressSpace(DeviceSocket socket, int sender, List<SafeFileHandle> userfaultfds)
    {
        FinishHangUps();
        Errno error = Errno.Busy;
        RemoteMemory? memory = WaitForForks() ? RemoteMemory.Open(sender, userfaultfds[0], userfaultfds[1], out error) : null;
        if (memory is null)
        {
            socket.TrySend(new DeviceMessage { Kind = DeviceMessageKind.Result, Error = (int)error });
            return;
        }

        ServedMemory served;
        lock (_lock)
        {
            served = new ServedMemory(++_lastNumber, memory, Forget);
            _memories.Add(served.Number, served);
        }

        socket.TrySend(new DeviceMessage { Kind = DeviceMessageKind.Result, Value = served.Number });
        ControlConnection.Serve(socket, served, _failures);
    }

    // Who opens a device may be a child that has just been forked, and whose memory its parent's userfaultfd still watches.
    private bool WaitForForks()
    {
        bool isOver = true;
        ServedMemory[] memories;
        lock (_lock)
            memories = [.. _memories.Values];
        foreach (ServedMemory memory in memories)
        {
            if (!memory.TryHold())
                continue;
            isOver &= memory.Memory.WaitForForks();
            memory.LetGo();
        }

        return isOver;
    }

    private void ServeDevice(DeviceSocket socket, in DeviceMessage message, int sender)
    {
        FinishHangUps();
        ServedMemory? memory;
        lock (_lock)
        {
            // An address space is opened for by its own process, which a number alone does not prove.
            if (!_memories.TryGetValue(message.Value, out memory) || memory.Memory.ProcessId != sender || !memory.TryHold())
                memory = null;
        }

        if (memory is null || message.Number >= DeviceSet.Count)
        {
            memory?.LetGo();
            socket.TrySend(new DeviceMessage { Kind = DeviceMessageKind.Result, Error = (int)Errno.NoProcess });
            return;
        }

        var connection = new DeviceConnection(this, socket, memory, _devices.Open((int)message.Number, memory.Memory), _failures);
        lock (_lock)
            _open.Add(connection);
        socket.TrySend(new DeviceMessage { Kind = DeviceMessageKind.Result });
        connection.Serve();
        lock (_lock)
            _open.Remove(connection);
    }

    private void Forget(ServedMemory memory)
    {
        lock (_lock)
            _memories.Remove(memory.Number);
    }
}
