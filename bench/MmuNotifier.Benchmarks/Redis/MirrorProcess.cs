using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace MmuNotifier.Benchmarks;

/// <summary><c>mmun mirror</c> attached to a process, as a process of its own, as a user runs it.</summary>
internal sealed partial class MirrorProcess : IDisposable
{
    private const int Interrupt = 2;

    private readonly Process _process;

    internal MirrorProcess(int processId, double? verifyEvery)
    {
        string[] verify = verifyEvery is { } seconds ? ["--verify", seconds.ToString(CultureInfo.InvariantCulture)] : [];
        _process = Commands.Start(
            "dotnet",
            [Path.Combine(AppContext.BaseDirectory, "mmun.dll"), "mirror", "--json", "--pid",
                processId.ToString(CultureInfo.InvariantCulture), .. verify]);
        _process.ErrorDataReceived += (_, _) => { };
        _process.BeginErrorReadLine();
    }

    /// <summary>Ends the mirror and gives its report.</summary>
    internal JsonElement Stop()
    {
        _ = Kill(_process.Id, Interrupt);
        string output = _process.StandardOutput.ReadToEnd();
        _process.WaitForExit();
        if (_process.ExitCode != 0)
            throw new InvalidOperationException($"mmun failed with exit code {_process.ExitCode}: {output}");
        return JsonDocument.Parse(output).RootElement;
    }

    public void Dispose() => _process.Dispose();

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int processId, int signal);
}
