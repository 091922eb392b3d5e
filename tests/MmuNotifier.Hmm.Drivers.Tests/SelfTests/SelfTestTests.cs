using MmuNotifier.Hmm.Drivers.SelfTests;
using MmuNotifier.Simulation;

namespace MmuNotifier.Hmm.Drivers.Tests.SelfTests;

public class SelfTestTests
{
    public static TheoryData<string> Names => [.. SelfTestList.All.Select(test => test.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void It_passes_on_the_simulated_memory(string name)
    {
        SelfTest test = SelfTestList.All.Single(test => test.Name == name);
        var output = new StringWriter();
        int failed = SelfTestRunner.Run([test], static () => new SimulatedMemory(), output);
        string text = output.ToString();
        Assert.True(failed == 0, text);
        int skip = text.IndexOf("# SKIP ", StringComparison.Ordinal);
        Assert.SkipWhen(skip >= 0, skip >= 0 ? text[(skip + 7)..].Trim() : "");
    }

    [Fact]
    public void A_scenario_that_fails_is_reported_with_what_it_saw()
    {
        var test = new SelfTest("a.b.c", 0, 1, static _ => throw new SelfTestFailure("it saw nothing"));
        var output = new StringWriter();
        Assert.Equal(1, SelfTestRunner.Run([test], static () => new SimulatedMemory(), output));
        Assert.Contains("it saw nothing", output.ToString(), StringComparison.Ordinal);
        Assert.Contains("not ok 1 a.b.c", output.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_run_that_is_cancelled_ends_after_the_test_that_is_under_way()
    {
        using var cancellation = new CancellationTokenSource();
        var first = new SelfTest("a.b.c", 0, 1, _ => cancellation.Cancel());
        var second = new SelfTest("a.b.d", 0, 1, static _ => throw new SelfTestFailure("it ran"));
        var output = new StringWriter();
        Assert.Equal(0, SelfTestRunner.Run([first, second], static () => new SimulatedMemory(), output, cancellation.Token));
        Assert.EndsWith("ok 1 a.b.c\n# interrupted after 1 of 2 tests\n", output.ToString(), StringComparison.Ordinal);
    }
}
