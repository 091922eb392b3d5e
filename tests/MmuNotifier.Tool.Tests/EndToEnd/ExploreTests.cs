namespace MmuNotifier.Tool.Tests.EndToEnd;

[Collection(EndToEndGroup.Name)]
public class ExploreTests
{
    [Fact]
    public void Right_driver_shows_no_fault()
    {
        using Mmun mmun = Mmun.Run("lab", "explore", "--driver", "odp", "--schedules", "20");
        Assert.Equal(0, mmun.WaitForExit());
        Assert.Contains("odp:ReadAgainstUnmap", mmun.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Broken_driver_is_found_and_shown_as_a_timeline_that_can_be_replayed()
    {
        using Mmun mmun = Mmun.Run("lab", "explore", "--driver", "svm", "--defect", "DriverTableNotZapped");
        Assert.Equal(0, mmun.WaitForExit());
        Assert.Contains("CPU: munmap page 2", mmun.Output, StringComparison.Ordinal);
        const string Again = "again: mmun lab explore --replay ";
        string replay = mmun.Output.Split('\n').Single(line => line.StartsWith(Again, StringComparison.Ordinal))[Again.Length..];
        using Mmun again = Mmun.Run("lab", "explore", "--replay", replay);
        Assert.Equal(1, again.WaitForExit());
        Assert.Contains("CPU: munmap page 2", again.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--driver", "none")]
    [InlineData("--defect", "NoSuchDefect")]
    [InlineData("--replay", "nonsense")]
    [InlineData("--schedules", "0")]
    public void Bad_use_is_refused(params string[] arguments)
    {
        using Mmun mmun = Mmun.Run(["lab", "explore", .. arguments]);
        Assert.Equal(2, mmun.WaitForExit());
        Assert.StartsWith("mmun: ", mmun.Error, StringComparison.Ordinal);
    }
}
