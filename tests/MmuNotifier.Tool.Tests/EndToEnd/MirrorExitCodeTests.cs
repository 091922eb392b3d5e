namespace MmuNotifier.Tool.Tests.EndToEnd;

/// <summary>Without --verify, the exit code of a launched program is that of mmun; with it, mmun's own says what was compared.</summary>
[Collection(EndToEndGroup.Name)]
public class MirrorExitCodeTests
{
    [Theory]
    [InlineData(7, "exit 7")]
    [InlineData(0, "exit 0")]
    [InlineData(2, "exit 2")]
    [InlineData(128 + 9, "kill -9 $$")]
    [InlineData(128 + 15, "kill -15 $$")]
    public void A_program_has_its_own_exit_code(int expected, string script)
    {
        using Mmun mmun = Mmun.Run("mirror", "--", "sh", "-c", script);
        Assert.Equal(expected, mmun.WaitForExit());
    }

    [Fact]
    public void With_verify_the_exit_code_says_that_what_was_compared_is_equal()
    {
        using Mmun mmun = Mmun.Run("mirror", "--verify", "60", "--", "sh", "-c", "exit 7");
        Assert.Equal(0, mmun.WaitForExit());
        Assert.Contains("ended with exit code 7", mmun.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_program_that_runs_on_has_no_exit_code_yet()
    {
        using Mmun mmun = Mmun.Run("mirror", "--duration", "0.5", "--", "sleep", "20");
        Assert.Equal(0, mmun.WaitForExit());
    }
}
