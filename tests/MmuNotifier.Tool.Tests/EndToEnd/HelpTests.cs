namespace MmuNotifier.Tool.Tests.EndToEnd;

[Collection(EndToEndGroup.Name)]
public class HelpTests
{
    [Theory]
    [InlineData("mirror", "--help")]
    [InlineData("mirror <program>", "--help")]
    [InlineData("--pid <N>", "mirror", "--help")]
    [InlineData("--verify <SECONDS>", "mirror", "--help")]
    [InlineData("--duration <SECONDS>", "mirror", "--help")]
    [InlineData("--round <SECONDS>", "mirror", "--help")]
    [InlineData("--children <follow|release>", "mirror", "--help")]
    [InlineData("--json", "mirror", "--help")]
    [InlineData("device <program>", "--help")]
    [InlineData("mmun device -- PROGRAM ARGS...", "device", "--help")]
    [InlineData("--driver <NAME>", "stress", "--help")]
    [InlineData("--seed <N>", "stress", "--help")]
    [InlineData("--replay <TEXT>", "explore", "--help")]
    [InlineData("--defects", "explore", "--help")]
    [InlineData("--filter <GLOB>", "selftest", "--help")]
    [InlineData("--iterations <N>", "races", "--help")]
    [InlineData("--bare", "churn", "--help")]
    [InlineData("Exit code 0: nothing differs; 1: something does; 2: it could not be done, or nothing was compared", "mirror", "--help")]
    public void Help_tells_of_every_option(string expected, params string[] arguments)
    {
        using Mmun mmun = Mmun.Run(arguments);
        Assert.Equal(0, mmun.WaitForExit());
        Assert.Contains(expected, mmun.Output, StringComparison.Ordinal);
    }
}
