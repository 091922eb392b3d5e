using System.Text.Json;

namespace MmuNotifier.Tool.Tests.EndToEnd;

/// <summary>
/// A tree of processes that fork, execute, make threads and change their memory all the time, and check it. eng/checkmirror.sh runs it for
/// as long as you like.
/// </summary>
[Collection(EndToEndGroup.Name)]
public class TreeTests
{
    private const int Seconds = 12;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void A_tree_of_processes_is_mirrored_without_a_difference_and_without_harm(int seed)
    {
        Assert.SkipUnless(Machine.IsRoot, "userfaultfd needs root");
        using var target = new NativeTarget("tree", "-pthread");
        using var mmun = new Mmun(["mirror", "--json", "--verify", "0.3", "--", target.Program, $"{Seconds}", $"{seed}"]);
        int exitCode = mmun.WaitForExit();

        Assert.True(exitCode == 0, $"exit code {exitCode}\n{mmun.Error}\n{mmun.Output}");
        Assert.Contains("ok", mmun.Error.Split('\n'));
        JsonElement report = mmun.GoodReport();
        // No other process, whatever number it has.
        Assert.All(
            report.GetProperty("children").EnumerateArray().Where(child => child.GetProperty("outcome").GetString() == "followed"),
            child => Assert.Contains(child.GetProperty("command").GetString(), (string[])["tree", "true", "?"]));
    }
}
