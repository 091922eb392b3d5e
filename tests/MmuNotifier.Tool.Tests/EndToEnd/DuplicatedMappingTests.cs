namespace MmuNotifier.Tool.Tests.EndToEnd;

/// <summary>mremap with old size 0 makes a second mapping of shared pages, and the kernel sends an event of length 0.</summary>
[Collection(EndToEndGroup.Name)]
public class DuplicatedMappingTests
{
    [Fact]
    public void No_event_is_lost_and_both_mappings_are_mirrored()
    {
        using var target = new NativeTarget("duplicates");
        using var mmun = new Mmun(["mirror", "--json", "--verify", "0.3", "--", target.Program, "2"]);

        mmun.GoodReport(leastFreezes: 3);
        Assert.Contains("duplicates: right", mmun.Error, StringComparison.Ordinal);
    }
}
