using System.Text.Json;

namespace MmuNotifier.Tool.Tests.EndToEnd;

[Collection(EndToEndGroup.Name)]
public class ReportTests
{
    [Fact]
    public void The_report_is_one_line_with_every_field_promised_and_the_target_keeps_its_output_and_exit_code()
    {
        using Mmun mmun = Mmun.RunUntil(
            leastFreezes: 3,
            seconds: 1.5,
            seconds => new Mmun(
                "mirror", "--json", "--verify", "0.2", "--", "sh", "-c", $"echo to-output; echo to-error >&2; sleep {seconds}; exit 7"),
            out JsonElement report);

        Assert.Single(mmun.Output.TrimEnd('\n').Split('\n'));
        Assert.Contains("to-output", mmun.Error, StringComparison.Ordinal);
        Assert.Contains("to-error", mmun.Error, StringComparison.Ordinal);
        Assert.Equal(7, report.GetProperty("target").GetProperty("exitCode").GetInt32());
        AssertNumbers(report, "pagesMirrored", "pagesCompared", "pagesDiffering", "eventsLost", "readRetries");
        AssertNumbers(report.GetProperty("invalidations"), "unmap", "clear", "protectionVma", "protectionPage", "release", "written");
        AssertNumbers(report.GetProperty("notifiers"), "inserted", "split", "moved", "removed", "insideCallbacks");
        foreach (JsonElement freeze in report.GetProperty("freezes").EnumerateArray())
            AssertNumbers(freeze, "catchUpMicros", "compareMicros", "pagesRefreshed", "pagesLeft");
        foreach (JsonElement range in report.GetProperty("notMirrored").EnumerateArray())
        {
            AssertNumbers(range, "share");
            Assert.StartsWith("0x", range.GetProperty("start").GetString(), StringComparison.Ordinal);
            Assert.StartsWith("0x", range.GetProperty("last").GetString(), StringComparison.Ordinal);
            Assert.NotNull(range.GetProperty("name").GetString());
            Assert.NotEmpty(range.GetProperty("reason").GetString()!);
        }
    }

    private static void AssertNumbers(JsonElement owner, params string[] names)
    {
        foreach (string name in names)
            Assert.True(owner.GetProperty(name).GetDouble() >= 0, name);
    }
}
