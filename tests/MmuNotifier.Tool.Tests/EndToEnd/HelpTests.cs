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
    [InlineData("--once", "top", "--help")]
    [InlineData("--sort <COLUMN>", "top", "--help")]
    [InlineData("--max-size <SIZE>", "record", "--help")]
    [InlineData("--html <OUT>", "report", "--help")]
    [InlineData("device <program>", "--help")]
    [InlineData("--driver <NAME>", "lab", "stress", "--help")]
    [InlineData("--seed <N>", "lab", "stress", "--help")]
    [InlineData("--replay <TEXT>", "lab", "explore", "--help")]
    [InlineData("--defects", "lab", "explore", "--help")]
    [InlineData("--filter <GLOB>", "lab", "selftest", "--help")]
    [InlineData("--iterations <N>", "lab", "races", "--help")]
    [InlineData("--bare", "churn", "--help")]
    [InlineData("[default: 100]", "core", "--help")]
    [InlineData("[default: 60]", "lab", "explore", "--help")]
    public void Help_tells_of_every_option(string expected, params string[] arguments)
    {
        using Mmun mmun = Mmun.Run(arguments);
        Assert.Equal(0, mmun.WaitForExit());
        Assert.Contains(expected, mmun.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData]
    [InlineData("lab")]
    public void A_command_that_has_commands_shows_its_help_when_it_is_given_none(params string[] arguments)
    {
        using Mmun mmun = Mmun.Run(arguments);
        using Mmun asked = Mmun.Run([.. arguments, "--help"]);
        Assert.Equal(0, mmun.WaitForExit());
        Assert.Equal("", mmun.Error);
        Assert.Equal(asked.Output, mmun.Output);
        Assert.Contains("Commands:", mmun.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData]
    [InlineData("mirror")]
    [InlineData("core")]
    [InlineData("top")]
    [InlineData("record")]
    [InlineData("report")]
    [InlineData("device")]
    [InlineData("churn")]
    [InlineData("lab")]
    [InlineData("lab", "explore")]
    [InlineData("lab", "stress")]
    [InlineData("lab", "selftest")]
    [InlineData("lab", "races")]
    [InlineData("help")]
    [InlineData("completion")]
    [InlineData("man")]
    public void Help_ends_with_examples_and_exit_codes_and_is_the_same_by_the_command_help(params string[] command)
    {
        using Mmun option = Mmun.Run([.. command, "--help"]);
        using Mmun word = Mmun.Run(["help", .. command]);
        Assert.Equal(0, word.WaitForExit());
        Assert.Equal(option.Output, word.Output);
        Assert.All(option.Output.Split('\n'), line => Assert.True(line.Length <= 100, line));
        string[] ends = option.Output.Split("Examples:\n")[1].Split("\nExit codes:\n");
        Assert.Matches(@"^  mmun .+\n      \S", ends[0]);
        Assert.All(ends[1].TrimEnd('\n').Split('\n'), line => Assert.Matches(@"^  ((  )?(N|\d+)\b.*  \S.*|with.*:)$", line));
        Assert.DoesNotMatch(@"xit code \d", option.Output.Split("Examples:\n")[0]);
    }
}
