using MmuNotifier.Processes.Mirroring;
using MmuNotifier.Tool.Commands;
using MmuNotifier.Tool.Tests.Reporting;

namespace MmuNotifier.Tool.Tests.Commands;

public class MirrorExitCodeTests
{
    [Theory]
    [InlineData(true, 7)]
    [InlineData(false, 0)]
    public void When_nothing_differs(bool passesOn, int expected)
    {
        Assert.Equal(expected, MirrorExitCode.Of(ReportExample.Good, passesOn, mustCompare: !passesOn, out string? line));
        Assert.Null(line);
    }

    [Theory]
    [InlineData(true, 125)]
    [InlineData(false, 1)]
    public void When_a_page_differs_or_an_event_is_lost(bool passesOn, int expected)
    {
        MirrorReport[] reports = [ReportExample.Good with { PagesDiffering = 1 }, ReportExample.Good with { EventsLost = 1 }];
        foreach (MirrorReport report in reports)
        {
            Assert.Equal(expected, MirrorExitCode.Of(report, passesOn, mustCompare: !passesOn, out string? line));
            Assert.Equal(passesOn, line is not null);
        }
    }

    [Theory]
    [InlineData(true, 2)]
    [InlineData(false, 0)]
    public void When_nothing_was_compared(bool mustCompare, int expected)
    {
        MirrorReport report = ReportExample.Good with { PagesCompared = 0, Freezes = [] };
        Assert.Equal(expected, MirrorExitCode.Of(report, passesOn: false, mustCompare, out string? line));
        Assert.Equal(mustCompare, line is not null);
    }
}
