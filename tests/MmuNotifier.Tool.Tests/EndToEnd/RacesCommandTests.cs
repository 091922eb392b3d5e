using System.Text.Json;

namespace MmuNotifier.Tool.Tests.EndToEnd;

[Collection(EndToEndGroup.Name)]
public class RacesCommandTests
{
    [Theory]
    [InlineData("0")]
    [InlineData("2")]
    public void No_registration_is_stale(string load)
    {
        using Mmun mmun = Mmun.Run("lab", "races", "--iterations", "500", "--load", load, "--json");
        int exitCode = mmun.WaitForExit();
        Assert.SkipWhen(exitCode == 2, mmun.Error);
        Assert.Equal(0, exitCode);
        JsonElement[] results =
            [.. mmun.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement)];
        Assert.Equal(["R1", "R1-grow", "R1-move", "R2", "R3", "R4"], results.Select(result => result.GetProperty("name").GetString()));
        Assert.All(results, result => Assert.Equal(500, result.GetProperty("iterations").GetInt64()));
        Assert.All(results, result => Assert.Equal(0, result.GetProperty("stale").GetInt64()));
        // Without hits nothing would be shown. (Under R2 everything is changing all the time, and almost nothing is kept.)
        Assert.All(
            results.Where(result => result.GetProperty("name").GetString() != "R2"), result =>
                Assert.NotEqual(0, result.GetProperty("hits").GetInt64()));
    }

    [Theory]
    [InlineData("--iterations", "0")]
    [InlineData("--load", "x")]
    [InlineData("now")]
    public void Bad_use_is_refused(params string[] arguments)
    {
        using Mmun mmun = Mmun.Run(["lab", "races", .. arguments]);
        Assert.Equal(2, mmun.WaitForExit());
        Assert.StartsWith("mmun: ", mmun.Error, StringComparison.Ordinal);
    }
}
