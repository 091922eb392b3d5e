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
        + "os.execv('/bin/sh',['sh','-c','sleep 1; echo executed'])\n";

    [Fact]
    public void Children_that_fork_come_by_vfork_or_execute_are_followed()
    {
        using Mmun mmun = Mirror(out JsonElement report, "--verify", "0.3");

        string[] outcomes = [.. report.GetProperty("children").EnumerateArray().Select(
            child => child.GetProperty("command").GetString() + ": " + child.GetProperty("outcome").GetString())];
        Assert.Contains("python3: followed", outcomes);
        Assert.Contains("sleep: followed", outcomes);
        Assert.Contains(outcomes, outcome => outcome.StartsWith("sh: attached anew", StringComparison.Ordinal));
        Assert.Contains("3 0", mmun.Error, StringComparison.Ordinal);
        Assert.Contains("executed", mmun.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Children_are_released_and_named_if_asked_for()
    {
        using Mmun mmun = Mirror(out JsonElement report, "--children", "release", "--verify", "0.3");

        JsonElement[] children = [.. report.GetProperty("children").EnumerateArray()];
        Assert.Contains(children, child => child.GetProperty("outcome").GetString() == "released: not followed, as asked for");
        Assert.DoesNotContain(children, child => child.GetProperty("outcome").GetString() == "followed");
        Assert.Contains("3 0", mmun.Error, StringComparison.Ordinal);
        Assert.Contains("executed", mmun.Error, StringComparison.Ordinal);
    }

    private static Mmun Mirror(out JsonElement report, params string[] options) => Mmun.RunUntil(
        leastFreezes: 3,
        seconds: 2,
        seconds => new Mmun(
            ["mirror", "--json", .. options, "--", Machine.Python, "-c", ForksAndExecutes.Replace("SECONDS", seconds, StringComparison.Ordinal)]),
        out report);
}
