using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;

namespace MmuNotifier.Benchmarks;

/// <summary>A redis-server of our own on a Unix socket in a temporary folder, filled with data.</summary>
internal sealed class RedisServer : IDisposable
{
    private const int ValueBytes = 400;

    /// <summary>What a key with such a value takes in the server's memory, about.</summary>
    private const int BytesPerKey = 550;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("mmun-redis");
    private readonly Process _process;
    private readonly int _keys;

    internal RedisServer(int mebibytes)
    {
        _keys = mebibytes * (1024 * 1024 / BytesPerKey);
        _process = Commands.Start(
            "redis-server", "--port", "0", "--unixsocket", Socket, "--save", "", "--appendonly", "no", "--dir", _folder.FullName);
        WaitForSocket();
        Commands.Output("redis-cli", "-s", Socket, "debug", "populate", Text(_keys), "key", Text(ValueBytes));
    }

    internal int ProcessId => _process.Id;

    private string Socket => Path.Combine(_folder.FullName, "redis.sock");

    /// <summary>Runs redis-benchmark's SET over all keys.</summary>
    /// <param name="requests">How many requests.</param>
    /// <returns>Requests per second.</returns>
    internal double Set(long requests)
    {
        string csv = Commands.Output(
            "redis-benchmark", "-s", Socket, "-t", "set", "-n", Text(requests), "-r", Text(_keys), "-d", Text(ValueBytes), "--csv");
        string row = csv.Split('\n').Last(line => line.StartsWith("\"SET\"", StringComparison.Ordinal));
        return double.Parse(row.Split(',')[1].Trim('"'), CultureInfo.InvariantCulture);
    }

    public void Dispose()
    {
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
        _folder.Delete(recursive: true);
    }

    private void WaitForSocket()
    {
        for (int attempt = 0; attempt < 100; attempt++)
        {
            try
            {
                using var socket = new System.Net.Sockets.Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                socket.Connect(new UnixDomainSocketEndPoint(Socket));
                return;
            }
            catch (SocketException)
            {
                Thread.Sleep(50);
            }
        }

        throw new InvalidOperationException("redis-server did not open its socket within 5 s.");
    }

    private static string Text(long value) => value.ToString(CultureInfo.InvariantCulture);
}
