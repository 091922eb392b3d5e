using System.Diagnostics;

namespace MmuNotifier.Tool.Tests.EndToEnd;

/// <summary>A target that runs before mmun attaches to it, and prints lines.</summary>
internal sealed class RunningTarget : IDisposable
{
    private readonly Process _process;

    internal RunningTarget(params string[] command)
    {
        _process = Process.Start(new ProcessStartInfo(command[0], command[1..]) { RedirectStandardOutput = true })!;
    }

    internal int ProcessId => _process.Id;

    internal string Id => _process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture);

    internal string ReadLine()
    {
        Task<string?> line = _process.StandardOutput.ReadLineAsync();
        Assert.True(line.Wait(Patience.Limit), "The target prints nothing any more.");
        return line.Result ?? throw new InvalidOperationException("The target has ended.");
    }

    /// <summary>It continues counting, is not stopped or traced, and has no userfaultfd of ours.</summary>
    internal void AssertUnharmed()
    {
        AssertCounting();
        Assert.DoesNotContain(
            Directory.EnumerateFileSystemEntries($"/proc/{ProcessId}/fd"),
            descriptor => new FileInfo(descriptor).LinkTarget?.Contains("userfaultfd", StringComparison.Ordinal) == true);
    }

    /// <summary>It continues counting, and is not stopped or traced.</summary>
    internal void AssertCounting()
    {
        int before = int.Parse(ReadLine(), System.Globalization.CultureInfo.InvariantCulture);
        int after = before;
        for (int i = 0; i < 5; i++)
            after = int.Parse(ReadLine(), System.Globalization.CultureInfo.InvariantCulture);
        Assert.True(after > before);
        Assert.Contains("TracerPid:\t0", File.ReadAllText($"/proc/{ProcessId}/status"), StringComparison.Ordinal);
    }

    internal void Kill()
    {
        _process.Kill();
        _process.WaitForExit();
    }

    public void Dispose()
    {
        Kill();
        _process.Dispose();
    }
}
