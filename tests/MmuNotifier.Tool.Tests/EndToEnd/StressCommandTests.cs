namespace MmuNotifier.Tool.Tests.EndToEnd;

[Collection(EndToEndGroup.Name)]
public class StressCommandTests
{
    [Theory]
    [InlineData("simulated")]
    [InlineData("linux")]
    public void Every_access_of_every_driver_is_right(string backend)
    {
        using Mmun mmun = Mmun.Run("lab", "stress", "--backend", backend, "--seed", "7", "--operations", "5000", "--duration", "60");
        Assert.Equal("", mmun.Error);
        Assert.Equal(0, mmun.WaitForExit());
        string[] lines = mmun.Output.TrimEnd('\n').Split('\n');
        Assert.Equal(
            ["svm: ok", "odp: ok", "odp-implicit: ok", "userptr: ok", "large: ok", "guest-memory: ok"],
            lines.Select(line => line[..line.IndexOf(';', StringComparison.Ordinal)]));
    }

    [Theory]
    [InlineData("--driver", "none")]
    [InlineData("--duration", "0")]
    [InlineData("--operations", "0")]
    [InlineData("--backend", "paper")]
    public void Bad_use_is_refused(params string[] arguments)
    {
        using Mmun mmun = Mmun.Run(["lab", "stress", .. arguments]);
        Assert.Equal(2, mmun.WaitForExit());
        Assert.StartsWith("mmun: ", mmun.Error, StringComparison.Ordinal);
    }
}
