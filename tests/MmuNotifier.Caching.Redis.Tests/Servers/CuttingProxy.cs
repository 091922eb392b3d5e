using System.Net;
using System.Net.Sockets;

namespace MmuNotifier.Caching.Redis.Tests.Servers;

/// <summary>Passes connections on to a server, until it cuts them, or holds what comes.</summary>
internal sealed class CuttingProxy : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly int _target;
    private readonly Lock _lock = new();
    private readonly List<Socket> _sockets = [];
    private volatile bool _isCut;
    private volatile TaskCompletionSource _flow = Completed();

    public CuttingProxy(int target)
    {
        _target = target;
        _listener.Start();
        _ = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Ends all connections, and takes none until <see cref="Mend"/>.</summary>
    public void Cut()
    {
        _isCut = true;
        Drop();
    }

    public void Mend() => _isCut = false;

    /// <summary>Ends all connections; new ones are taken.</summary>
    public void Drop()
    {
        lock (_lock)
        {
            foreach (Socket socket in _sockets)
                socket.Dispose();
            _sockets.Clear();
        }
    }

    /// <summary>Nothing arrives any more, in either direction, and nobody learns of that.</summary>
    public void Hold() => _flow = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Continue() => _flow.TrySetResult();

    public void Dispose()
    {
        Continue();
        Cut();
        _listener.Dispose();
    }

    private static TaskCompletionSource Completed()
    {
        var flow = new TaskCompletionSource();
        flow.SetResult();
        return flow;
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                Socket client = await _listener.AcceptSocketAsync();
                _ = ServeAsync(client);
            }
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // Disposed.
        }
    }

    private async Task ServeAsync(Socket client)
    {
        var server = new Socket(SocketType.Stream, ProtocolType.Tcp);
        lock (_lock)
            _sockets.AddRange([client, server]);
        try
        {
            if (_isCut)
                return;
            await server.ConnectAsync(IPAddress.Loopback, _target);
            (client.NoDelay, server.NoDelay) = (true, true);
            await Task.WhenAny(PumpAsync(client, server), PumpAsync(server, client));
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // The server is not there.
        }
        finally
        {
            client.Dispose();
            server.Dispose();
        }
    }

    private async Task PumpAsync(Socket from, Socket to)
    {
        byte[] buffer = new byte[65536];
        try
        {
            while (await from.ReceiveAsync(buffer) is var count && count > 0)
            {
                await _flow.Task;
                await to.SendAsync(buffer.AsMemory(0, count));
            }
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // Cut.
        }
    }
}
