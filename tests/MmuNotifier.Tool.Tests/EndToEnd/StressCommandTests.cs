namespace MmuNotifier.Tool.Tests.EndToEnd;

[Collection(EndToEndGroup.Name)]
public class StressCommandTests
{
    [Theory]
    [InlineData("svm")]
    [InlineData("odp")]
    [InlineData("odp-implicit")]
    [InlineData("userptr")]
    [InlineData("large")]
    [InlineData("kvm")]
    public void Every_access_of_a_right_driver_is_right(string driver)
    {
        using Mmun mmun = Mmun.Run("stress", "--driver", driver, "--seed", "7", "--duration", "1");
        Assert.Equal(0, mmun.WaitForExit());
        Assert.StartsWith($"{driver}: ok;", mmun.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--driver", "none")]
    [InlineData("--duration", "0")]
    [InlineData("--backend", "paper")]
    public void Bad_use_is_refused(params string[] arguments)
    {
        using Mmun mmun = Mmun.Run(["stress", .. arguments]);
        Assert.Equal(2, mmun.WaitForExit());
        Assert.StartsWith("mmun: ", mmun.Error, StringComparison.Ordinal);
    }
}
