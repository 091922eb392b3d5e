using System.Text.Json;

namespace MmuNotifier.Tool.Tests.EndToEnd;

/// <summary>A green run is one in which something was compared.</summary>
[Collection(EndToEndGroup.Name)]
public class VerificationTests
{
    [Fact]
    public void A_target_that_ends_before_it_could_be_compared_is_no_success()
    {
        using var target = new RunningTarget("sleep", "4");
        using Mmun mmun = Mmun.Run("mirror", "--json", "--verify", "60", "--pid", target.Id);

        Assert.Equal(2, mmun.WaitForExit());
        string[] lines = mmun.Error.Split('\n');
        Assert.Contains("mmun: Nothing was compared: the target ended after", lines[^1], StringComparison.Ordinal);
        JsonElement report = JsonDocument.Parse(mmun.Output).RootElement;
        Assert.Equal(0, report.GetProperty("pagesCompared").GetInt64());
        Assert.Contains("Nothing was compared", report.GetProperty("notes")[0].GetString(), StringComparison.Ordinal);
        Assert.Equal(0, report.GetProperty("processes")[0].GetProperty("pagesCompared").GetInt64());
    }

    [Fact]
    public void Without_a_wish_for_verification_the_report_says_that_nothing_was_compared()
    {
        using var target = new RunningTarget("sleep", "4");
        using Mmun mmun = Mmun.Run("mirror", "--json", "--pid", target.Id);

        Assert.Equal(0, mmun.WaitForExit());
        Assert.Contains("Nothing was compared", mmun.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Memory_that_is_attached_again_in_its_place_is_followed_without_an_event()
    {
        using var target = new NativeTarget("reattached");
        using var mmun = new Mmun("mirror", "--json", "--verify", "0.1", "--round", "0.02", "--", target.Program, "3");
        mmun.GoodReport();
    }
}
