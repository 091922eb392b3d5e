using System.Text.Json;

namespace MmuNotifier.Tool.Tests.EndToEnd;

[Collection(EndToEndGroup.Name)]
public class ChildrenTests
{
    private const string ForksAndExecutes = "import os,subprocess,time\n"
        + "p=os.fork()\n"
        + "if p==0:\n time.sleep(SECONDS); os._exit(3)\n"
        + "s=subprocess.Popen(['sleep','SECONDS'])\n"
        + "print(os.waitpid(p,0)[1]>>8, s.wait(), flush=True)\n"
        + "os.execv('/bin/sh',['sh','-c','sleep SECONDS; echo executed'])\n";

    [Fact]
    public void Children_that_fork_come_by_vfork_or_execute_are_followed()
    {
        string[] expected = ["python3: followed", "sleep: followed", "sh: attached again"];
        using Mmun mmun = Mirror(
            out JsonElement report, report => Array.TrueForAll(expected, each => HasOutcome(report, each)), "--verify", "0.3");

        Assert.All(expected, each => Assert.True(HasOutcome(report, each), $"not {each}: {report.GetProperty("children")}"));
        Assert.Contains("3 0", mmun.Error, StringComparison.Ordinal);
        Assert.Contains("executed", mmun.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Children_are_released_and_named_if_asked_for()
    {
        using Mmun mmun = Mirror(
            out JsonElement report,
            report => report.GetProperty("children").EnumerateArray()
                .Any(child => Outcome(child).Contains(": released", StringComparison.Ordinal)),
            "--children",
            "release",
            "--verify",
            "0.3");

        JsonElement[] children = [.. report.GetProperty("children").EnumerateArray()];
        Assert.Contains(children, child => child.GetProperty("outcome").GetString() == "released: not followed, as asked for");
        Assert.DoesNotContain(children, child => child.GetProperty("outcome").GetString() == "followed");
        Assert.Contains("3 0", mmun.Error, StringComparison.Ordinal);
        Assert.Contains("executed", mmun.Error, StringComparison.Ordinal);
    }

    private static string Outcome(JsonElement child) =>
        $"{child.GetProperty("command").GetString()}: {child.GetProperty("outcome").GetString()}";

    private static bool HasOutcome(JsonElement report, string start) =>
        report.GetProperty("children").EnumerateArray().Any(child => Outcome(child).StartsWith(start, StringComparison.Ordinal));

    private static Mmun Mirror(out JsonElement report, Func<JsonElement, bool> hasShown, params string[] options) => Mmun.RunUntil(
        leastFreezes: 3,
        seconds: 2,
        seconds =>
        {
            string script = ForksAndExecutes.Replace("SECONDS", seconds, StringComparison.Ordinal);
            return new Mmun(["mirror", "--json", .. options, "--", Machine.Python, "-c", script]);
        },
        out report,
        hasShown);
}
