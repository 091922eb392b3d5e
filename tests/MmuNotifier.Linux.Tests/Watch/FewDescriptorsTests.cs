using System.Diagnostics;

namespace MmuNotifier.Linux.Tests.Watch;

/// <summary>
/// A watch that cannot open all that it needs says so, and leaves nothing open. In a process of its own, whose limit is lowered.
/// </summary>
public sealed class FewDescriptorsTests
{
    [Fact]
    public void A_watch_without_descriptors_fails_with_the_reason_and_leaves_nothing_open()
    {
        string[] lines = Run();
        Assert.SkipUnless(lines[0].StartsWith("-1 -1 works", StringComparison.Ordinal), lines[0]);
        foreach (string line in lines[1..])
        {
            Assert.DoesNotContain("LEAK", line, StringComparison.Ordinal);
            Assert.Matches("works|cannot be watched: .*(file descriptor)", line);
            Assert.DoesNotContain("perf_event_paranoid", line, StringComparison.Ordinal);
        }

        Assert.Contains(lines, line => line.Contains("cannot be watched", StringComparison.Ordinal));
        Assert.Matches("works .*file descriptor|works .*descriptors", lines[^1]);
    }

    private static string[] Run()
    {
        string program = Path.Combine(AppContext.BaseDirectory, "MmuNotifier.Linux.Tests.LinuxMemoryProgram.dll");
        var start = new ProcessStartInfo("dotnet", ["exec", program, "descriptors"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        Assert.True(process.WaitForExit(Patience.Limit), "the program does not end");
        Assert.True(process.ExitCode == 0, output + errors.Result);
        return output.TrimEnd().Split('\n');
    }
}
