using System.Text.RegularExpressions;
using MmuNotifier.Hmm.Drivers.SelfTests;

namespace MmuNotifier.Tool.Tests.EndToEnd;

[Collection(EndToEndGroup.Name)]
public partial class SelfTestCommandTests
{
    [Fact]
    public void Every_test_is_reported_once_in_KTAP()
    {
        using Mmun mmun = Mmun.Run("lab", "selftest", "--filter", "*device_private*");
        Assert.Equal(0, mmun.WaitForExit());
        string[] lines = mmun.Output.TrimEnd().Split('\n');
        string[] names =
            [.. SelfTestList.All.Select(test => test.Name).Where(name => name.Contains("device_private", StringComparison.Ordinal))];
        Assert.Equal("KTAP version 1", lines[0]);
        Assert.Equal($"1..{names.Length}", lines[1]);
        // Lines that begin with # say more: the benchmark has some.
        IEnumerable<string> verdicts = lines[2..].Where(line => !line.StartsWith("# ", StringComparison.Ordinal));
        Match[] results = [.. verdicts.Select(line => Result().Match(line))];
        Assert.All(results, result => Assert.True(result.Success));
        Assert.Equal(names.Select((name, i) => $"{i + 1} {name}"), results.Select(result => $"{result.Groups[1]} {result.Groups[2]}"));
    }

    [Fact]
    public void Nothing_fails_on_memory_of_this_process()
    {
        using Mmun mmun = Mmun.Run("lab", "selftest", "--backend", "linux");
        Assert.Equal(0, mmun.WaitForExit());
        Assert.Contains("ok 2 hmm.hmm_device_private.anon_read\n", mmun.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void The_list_names_every_test()
    {
        using Mmun mmun = Mmun.Run("lab", "selftest", "--list");
        Assert.Equal(0, mmun.WaitForExit());
        Assert.Equal(SelfTestList.All.Select(test => test.Name), mmun.Output.TrimEnd().Split('\n'));
    }

    [Theory]
    [InlineData("--filter", "nothing")]
    [InlineData("--backend", "paper")]
    public void What_cannot_be_run_ends_with_2(params string[] arguments)
    {
        using Mmun mmun = Mmun.Run(["lab", "selftest", .. arguments]);
        Assert.Equal(2, mmun.WaitForExit());
    }

    [GeneratedRegex(@"^ok (\d+) (\S+)( # SKIP .+)?$")]
    private static partial Regex Result();
}
