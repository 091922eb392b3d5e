using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace MmuNotifier.Tests.Shared;

/// <summary>Debian's redis-server on a free loopback port, with nothing on disk unless the arguments say so.</summary>
internal sealed class RedisServerProcess : IDisposable
{
    /// <summary>How far above its port a server of a cluster has its second one.</summary>
    private const int ToClusterPort = 10_000;

    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(1);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("mmun-redis");
    private readonly string[] _arguments;
    private Process? _process;

    public RedisServerProcess(params string[] arguments)
    {
        _arguments = arguments;
        Start();
    }

    public static bool IsInstalled { get; } = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':')
        .Any(folder => File.Exists(Path.Combine(folder, "redis-server")) && Directory.Exists(folder));

    public int Port { get; } = FreePort();

    public int ProcessId => _process!.Id;

    /// <summary>A free port whose second one, with which the servers of a cluster talk to each other, is free as well.</summary>
    public static int FreePort()
    {
        const int tries = 1000;
        for (int i = 0; i < tries; i++)
        {
            using var listener = new TcpListener(IPAddress.Loopback, 0);
            listener.Start();
            int port = ((IPEndPoint)listener.LocalEndpoint).Port;
            if (port + ToClusterPort <= IPEndPoint.MaxPort && IsFree(port + ToClusterPort))
                return port;
        }

        throw new InvalidOperationException("There is no free port.");
    }

    public void Start()
    {
        _process?.Dispose();
        var start = new ProcessStartInfo(
            "redis-server", ["--port", Text(Port), "--bind", "127.0.0.1", "--save", "", "--dir", _folder.FullName, .. _arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        _process = Process.Start(start)!;
        _process.OutputDataReceived += static (_, _) => { };
        _process.ErrorDataReceived += static (_, _) => { };
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        long from = Stopwatch.GetTimestamp();
        while (!Answers())
        {
            if (_process.HasExited || Stopwatch.GetElapsedTime(from) > s_limit)
                throw new InvalidOperationException("redis-server does not answer.");
            Thread.Sleep(5);
        }
    }

    /// <summary>SIGKILL: nothing is written.</summary>
    public void Kill()
    {
        _process!.Kill();
        _process.WaitForExit();
    }

    /// <param name="name">STOP or CONT, as kill(1) names them.</param>
    public void Signal(string name)
    {
        using Process kill = Process.Start("kill", [$"-{name}", Text(ProcessId)]);
        kill.WaitForExit();
    }

    public string Run(params string[] command)
    {
        using Process client = Process.Start(
            new ProcessStartInfo("redis-cli", ["-p", Text(Port), .. command]) { RedirectStandardOutput = true })!;
        string output = client.StandardOutput.ReadToEnd();
        client.WaitForExit();
        return output.Trim();
    }

    public void Dispose()
    {
        if (_process is { HasExited: false })
            Kill();
        _process?.Dispose();
        _folder.Delete(recursive: true);
    }

    private static bool IsFree(int port)
    {
        try
        {
            using var listener = new TcpListener(IPAddress.Loopback, port);
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private bool Answers()
    {
        try
        {
            using var client = new TcpClient();
            client.Connect(IPAddress.Loopback, Port);
            client.GetStream().Write("PING\r\n"u8);
            return client.GetStream().ReadByte() == '+';
        }
        catch (Exception exception) when (exception is SocketException or IOException)
        {
            return false;
        }
    }
}
