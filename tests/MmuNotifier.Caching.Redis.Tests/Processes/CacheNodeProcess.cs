using System.Diagnostics;
using System.Globalization;

namespace MmuNotifier.Caching.Redis.Tests.Processes;

/// <summary>A node in a process of its own: tests/Targets/CacheNode.</summary>
internal sealed class CacheNodeProcess : IDisposable
{
    private readonly Process _process;

    public CacheNodeProcess(int port, RedisCoherenceMode mode, TimeSpan lease, string database, string events = "-", int seed = 0)
    {
        string configuration = new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name;
        string program = Path.Combine(
            Documentation.Root, "tests", "Targets", "CacheNode", "bin", configuration, "net10.0", "CacheNode.dll");
        _process = Process.Start(new ProcessStartInfo(
            "dotnet",
            [program, Text(port), mode.ToString(), Text((int)lease.TotalMilliseconds), database, events, Text(seed)])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
    }

    public void WaitUntilReady() => Assert.Equal("ready", ReadLine());

    public string Ask(string line)
    {
        Send(line);
        return ReadLine();
    }

    public void Send(string line)
    {
        _process.StandardInput.WriteLine(line);
        _process.StandardInput.Flush();
    }

    public string ReadLine()
    {
        Task<string?> line = _process.StandardOutput.ReadLineAsync();
        Assert.True(line.Wait(Patience.Limit), "the node does not answer");
        return line.Result ?? throw new InvalidOperationException("The node has ended.");
    }

    public void Signal(string signal)
    {
        using Process kill = Process.Start("kill", [$"-{signal}", Text(_process.Id)]);
        kill.WaitForExit();
    }

    /// <summary>Ends its input, and waits until it has ended.</summary>
    public void Finish()
    {
        _process.StandardInput.Close();
        Assert.True(_process.WaitForExit(Patience.Limit), "the node does not end");
    }

    public void Kill()
    {
        _process.Kill();
        _process.WaitForExit();
    }

    public void Dispose()
    {
        if (!_process.HasExited)
            Kill();
        _process.Dispose();
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
