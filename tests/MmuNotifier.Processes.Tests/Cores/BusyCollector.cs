using System.Diagnostics;
using System.Globalization;
using Microsoft.Win32.SafeHandles;

namespace MmuNotifier.Processes.Tests.Cores;

/// <summary>tests/Targets/BusyCollector, running behind a shell: the runtime takes a stop of its own child for the end of it.</summary>
internal sealed class BusyCollector : IDisposable
{
    private const int PageBytes = 4096;

    private readonly Process _shell;
    private bool _isKilled;

    internal BusyCollector()
    {
        DirectoryInfo output = new DirectoryInfo(AppContext.BaseDirectory).Parent!;
        string program = Path.Combine(
            output.Parent!.Parent!.Parent!.FullName, "Targets", "BusyCollector", "bin", output.Name, "net10.0", "BusyCollector.dll");
        var start = new ProcessStartInfo("/bin/sh", ["-c", "dotnet \"$0\" 300 & echo $!; wait", program])
        {
            RedirectStandardOutput = true,
        };
        _shell = Process.Start(start)!;
        ProcessId = int.Parse(_shell.StandardOutput.ReadLine()!, CultureInfo.InvariantCulture);
        Patience.Until(() => File.ReadAllText(Maps).Contains("libclrjit.so", StringComparison.Ordinal), "the runtime runs");
    }

    internal int ProcessId { get; }

    private string Maps => string.Create(CultureInfo.InvariantCulture, $"/proc/{ProcessId}/maps");

    /// <summary>All pages that can be read, by address. The process must be stopped.</summary>
    internal Dictionary<ulong, byte[]> ReadMemory()
    {
        var pages = new Dictionary<ulong, byte[]>();
        using SafeFileHandle memory = File.OpenHandle(string.Create(CultureInfo.InvariantCulture, $"/proc/{ProcessId}/mem"));
        foreach (string line in File.ReadLines(Maps))
        {
            string[] words = line.Split(' ', 3);
            string[] range = words[0].Split('-');
            if (words[1][0] != 'r' || line.EndsWith("[vsyscall]", StringComparison.Ordinal))
                continue;
            ulong end = ulong.Parse(range[1], NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            ulong start = ulong.Parse(range[0], NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            for (ulong address = start; address < end; address += PageBytes)
            {
                byte[] page = new byte[PageBytes];
                try
                {
                    if (RandomAccess.Read(memory, page, (long)address) == PageBytes)
                        pages[address] = page;
                }
                catch (IOException)
                {
                    break; // Not for us to read.
                }
            }
        }

        return pages;
    }

    /// <summary>Ends it; its memory is gone then.</summary>
    internal void Kill()
    {
        if (_isKilled)
            return;
        _isKilled = true;
        SuddenDeath.Of(ProcessId);
    }

    public void Dispose()
    {
        Kill();
        _shell.WaitForExit();
        _shell.Dispose();
    }
}
