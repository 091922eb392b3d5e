using MmuNotifier.Processes.Mirroring;
using MmuNotifier.Tool.Reporting;
using Spectre.Console;

namespace MmuNotifier.Tool.Tests.Reporting;

public class ReportTextTests
{
    [Theory]
    [InlineData(80)]
    [InlineData(140)]
    public void The_verdict_comes_first_and_every_line_fits(int width)
    {
        string[] lines = Write(ReportExample.Good, width, isVerbose: false);
        string first = string.Join(' ', lines.TakeWhile(line => line.Length > 0));
        Assert.Equal("OK: 102,400 pages (400.0 MiB) compared with the target in 2 freezes: all equal, no event lost.", first);
        Assert.All(lines, line => Assert.True(line.Length < width || line.Contains(".dll", StringComparison.Ordinal), line));
    }

    [Theory]
    [InlineData(0, 1, "once after its end: all equal")]
    [InlineData(2, 0, "in 2 freezes: all equal")]
    [InlineData(1, 1, "in 1 freeze and once after its end: all equal")]
    [InlineData(1, 3, "in 1 freeze and 3 times after the end of programs: all equal")]
    public void A_comparison_after_the_end_is_no_freeze(int freezes, int afterEnd, string expected)
    {
        FreezeReport freeze = ReportExample.Good.Freezes[0];
        MirrorReport report = ReportExample.Good with
        {
            Freezes = [.. Enumerable.Repeat(freeze, freezes), .. Enumerable.Repeat(freeze with { AfterEnd = true }, afterEnd)],
        };
        Assert.Contains($"compared with the target {expected}", Write(report, 240, isVerbose: false)[0], StringComparison.Ordinal);
    }

    /// <remarks>What the mirror reads again by itself was counted as dropped.</remarks>
    [Fact]
    public void Dropped_is_what_the_program_has_dropped()
    {
        MirrorReport report = ReportExample.Good with
        {
            Invalidations = ReportExample.Good.Invalidations with { Clear = 12 },
            Events = ReportExample.Good.Events with { ReadAgain = 12 },
        };
        Assert.DoesNotContain("dropped", string.Join('\n', Write(report, 240, isVerbose: true)), StringComparison.Ordinal);
        report = report with { Events = report.Events with { Remove = 2, Dropped = 1 } };
        Assert.Contains("3 dropped", string.Join('\n', Write(report, 240, isVerbose: true)), StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_zero_has_no_line()
    {
        string text = string.Join('\n', Write(ReportExample.Good, 100, isVerbose: true));
        Assert.DoesNotMatch(@"\b0 (unmapped|dropped|protected|exited|split|moved|repeated)", text);
        Assert.DoesNotContain("reads ", text, StringComparison.Ordinal);
        Assert.Contains("12 unmapped or moved, 3 forked", text, StringComparison.Ordinal);
        string brief = string.Join('\n', Write(ReportExample.Good, 100, isVerbose: false));
        Assert.DoesNotContain("[vvar]", brief, StringComparison.Ordinal); // It has not one page.
    }

    [Fact]
    public void Ranges_are_grouped_by_reason_and_name()
    {
        string[] lines = Write(ReportExample.Good, 100, isVerbose: false);
        Assert.Single(lines, line => line.Contains("userfaultfd refuses (EPERM)", StringComparison.Ordinal));
        Assert.Contains("           10 pages   0.02 %  2 ranges    /usr/lib/locale/locale-archive", lines);
        Assert.Contains("            6 pages   0.00 %  6 ranges    6 more names (--verbose)", lines);
        Assert.DoesNotContain(lines, line => line.Contains("0x7f", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(60)]
    [InlineData(80)]
    public void Addresses_are_never_broken_and_all_are_there_with_verbose(int width)
    {
        string[] lines = Write(ReportExample.Good, width, isVerbose: true);
        foreach (MemoryReport range in ReportExample.Good.MirroredByReading.Concat(ReportExample.Good.NotMirrored))
            Assert.Single(lines, line => line.Contains($"{range.Start}-{range.Last} of process {range.Pid}", StringComparison.Ordinal));
        Assert.DoesNotContain(lines, line => line.Contains("more names", StringComparison.Ordinal));
    }

    [Fact]
    public void Freezes_that_were_not_made_are_named_once_a_reason()
    {
        string[] lines = Write(ReportExample.Good, 80, isVerbose: false);
        Assert.Contains("2 freezes not made, the last at 4.0 s:", lines);
        Assert.Single(lines, line => line.Contains("a thread waits for a disk", StringComparison.Ordinal));
    }

    [Fact]
    public void The_longest_stop_is_named_and_each_with_verbose()
    {
        Assert.Contains(
            "stopped   2 times, for 51.5 ms at most: 1.0 ms to stop, 20.0 ms to catch up, 30.0 ms to compare",
            string.Join('\n', Write(ReportExample.Good, 140, isVerbose: false)),
            StringComparison.Ordinal);
        string[] lines = Write(ReportExample.Good, 80, isVerbose: true);
        Assert.Contains("       1.0      2     51.5      1.0     20.0     30.0         40     51200       0  3 left", lines);
        Assert.Contains("       2.0      2     41.5      1.1     10.0     30.0         40     51200       0", lines);
    }

    [Fact]
    public void Differing_pages_are_the_verdict()
    {
        MirrorReport report = ReportExample.Good with
        {
            PagesDiffering = 1,
            Differences = [new DifferenceReport(4711, "0x7f2276600000")],
        };
        string[] lines = Write(report, 140, isVerbose: false);
        Assert.StartsWith("DIFFERS: ", lines[0], StringComparison.Ordinal);
        Assert.EndsWith("in 2 freezes: 1 page not equal.", lines[0], StringComparison.Ordinal);
        Assert.Equal("  differs: process 4711, page 0x7f2276600000", lines[1]);
    }

    [Fact]
    public void That_nothing_was_compared_is_said_once()
    {
        MirrorReport report = NothingCompared.AddTo(ReportExample.Good with { PagesCompared = 0, Freezes = [], FreezesAbandoned = [] });
        string[] lines = Write(report, 240, isVerbose: false);
        Assert.StartsWith("NOT COMPARED: ", lines[0], StringComparison.Ordinal);
        Assert.Single(lines, line => line.Contains("before it was frozen", StringComparison.Ordinal));
    }

    private static string[] Write(MirrorReport report, int width, bool isVerbose)
    {
        var writer = new StringWriter();
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new AnsiConsoleOutput(writer),
            Ansi = AnsiSupport.No,
            Interactive = InteractionSupport.No,
        });
        console.Profile.Width = width;
        ReportText.Write(console, report, isVerbose);
        return writer.ToString().TrimStart('\n').TrimEnd('\n').Split('\n');
    }
}
