namespace MmuNotifier.Tool.Tests.EndToEnd;

[Collection(EndToEndGroup.Name)]
public class ChurnCommandTests
{
    [Theory]
    [InlineData("1")]
    [InlineData("2")]
    [InlineData("3")]
    public void Every_byte_is_right_with_the_cache(string seed)
    {
        // Longer on a machine that is so busy that nothing is found in the cache.
        string output = "";
        foreach (string seconds in new[] { "3", "20", "100" })
        {
            output = Run(seed, seconds);
            if (!output.Contains(" 0 hits", StringComparison.Ordinal))
                return;
        }

        Assert.Fail(output);
    }

    private static string Run(string seed, string seconds)
    {
        using Mmun mmun = Mmun.Run("churn", "--seed", seed, "--duration", seconds);
        int exitCode = mmun.WaitForExit();
        Assert.SkipWhen(exitCode == 2, mmun.Error);
        Assert.Equal(0, exitCode);
        Assert.StartsWith("churn: ok; ", mmun.Output, StringComparison.Ordinal);
        return mmun.Output;
    }

    [Fact]
    public void Without_the_cache_success_is_reported_and_bytes_are_wrong()
    {
        using Mmun mmun = Mmun.Run("churn", "--bare", "--duration", "90");
        int exitCode = mmun.WaitForExit();
        Assert.SkipWhen(exitCode == 2, mmun.Error);
        Assert.Equal(1, exitCode);
        Assert.StartsWith("churn: WRONG; ", mmun.Output, StringComparison.Ordinal);
        Assert.Contains("that reported success", mmun.Output, StringComparison.Ordinal);
        Assert.Contains("To repeat it: mmun churn --seed 1 --threads 2 --duration 90 --bare", mmun.Output, StringComparison.Ordinal);
    }
}
