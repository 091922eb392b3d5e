using System.Globalization;
using System.Text.RegularExpressions;
using MmuNotifier.Processes.Tests.Ptrace;

namespace MmuNotifier.Processes.Tests;

/// <summary>docs/processes.md shows samples/ProcessAnalysis and what it prints.</summary>
[Collection(PtraceGroup.Name)]
public sealed partial class ProcessAnalysisSampleTests
{
    private static string Text { get; } = Documentation.Read("docs/processes.md");

    [Fact]
    public void The_example_is_the_sample() => Assert.Equal(
        Documentation.Read("samples/ProcessAnalysis/Program.cs").Trim(), Documentation.BlocksOf(Text, "csharp")[0].Trim());

    /// <summary>Numbers and addresses differ from run to run, and the mappings from machine to machine.</summary>
    [Fact]
    public void The_sample_prints_what_is_said()
    {
        using PythonChild child = LiveProcessTests.StartChild();
        string[] said = Documentation.BlocksOf(Text, "text")[0].Trim().Split('\n');
        int processId = (int)child.Call("os.getpid()");
        ulong address = child.Address("anon(1 << 20)");
        string core = Path.Combine(Path.GetTempPath(), $"mmun-sample-{processId}");
        try
        {
            // 256 pages again and again, until there is a core.
            string next = $"lambda: os.path.exists('{core}') or __import__('time').sleep(0.01) or 2";
            child.Begin($"[fill({address}, i, 1 << 20) for i in iter({next}, True)] and 0");
            string id = processId.ToString(CultureInfo.InvariantCulture);
            string[] printed = Documentation.RunWith("ProcessAnalysis", [id, core]).Split('\n');

            Assert.Equal(KindsOf(said), KindsOf(printed));
            Assert.Equal(256, int.Parse(printed[1].AsSpan(0, 6), CultureInfo.InvariantCulture));
            Assert.True(File.Exists(core));
        }
        finally
        {
            File.Delete(core);
        }
    }

    /// <summary>Which memory is not seen differs from machine to machine.</summary>
    private static IEnumerable<string> KindsOf(string[] lines) => lines.Select(Kind).Where(kind => kind != "not").Distinct();

    /// <summary>What a line is about.</summary>
    private static string Kind(string line) => line switch
    {
        _ when line.Contains("pages written and", StringComparison.Ordinal) => "total",
        _ when InMapping().IsMatch(line) => "mapping",
        _ when line.StartsWith("not seen: ", StringComparison.Ordinal) => "not",
        _ when line.StartsWith("thread ", StringComparison.Ordinal) => "thread",
        _ when line.Contains(" threads, stopped for ", StringComparison.Ordinal) => "core",
        _ => line,
    };

    [GeneratedRegex(@"^ *\d+ in \[0x")]
    private static partial Regex InMapping();
}
