using System.Diagnostics;
using System.Globalization;

namespace MmuNotifier.Benchmarks.Pauses;

/// <summary>A process with very many mappings of one page each, of which it writes every 97th all the time.</summary>
internal sealed class ManyMappings : IDisposable
{
    private const int WrittenShare = 97;

    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(30);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("mmun-pauses");
    private readonly Process _process;

    internal ManyMappings(int mappings)
    {
        string program = Path.Combine(_folder.FullName, "many_mappings");
        Commands.Output("cc", "-O1", "-o", program, Path.Combine(Repository.Root, "tests", "Targets", "Native", "many_mappings.c"));
        _process = Commands.Start(program, Text(mappings), Text(Math.Max(1, mappings / WrittenShare)));
        long start = Stopwatch.GetTimestamp();
        while (File.ReadLines($"/proc/{_process.Id}/maps").Count() < mappings * 2)
        {
            if (Stopwatch.GetElapsedTime(start) > StartLimit)
                throw new InvalidOperationException($"The target did not make {mappings} mappings: is vm.max_map_count too low?");
            Thread.Sleep(20);
        }
    }

    internal int ProcessId => _process.Id;

    public void Dispose()
    {
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
        _folder.Delete(recursive: true);
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
