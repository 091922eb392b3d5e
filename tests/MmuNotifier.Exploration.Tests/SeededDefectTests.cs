using MmuNotifier.Exploration.Scenarios;

namespace MmuNotifier.Exploration.Tests;

/// <summary>The exploration bites: whatever essential is taken out of the engine, a scenario fails.</summary>
public sealed class SeededDefectTests(ITestOutputHelper output)
{
    public static TheoryData<string> Defects =>
        [.. Enum.GetValues<SeededDefect>().Where(IsInTheModel).Select(defect => defect.ToString())];

    [Theory]
    [MemberData(nameof(Defects))]
    public void Defect_is_caught(string name)
    {
        SeededDefect defect = Enum.Parse<SeededDefect>(name);
        DefectResult result = DefectSearch.Run(defect, ScenarioRegistry.For(defect), long.MaxValue / 4, Effort.GiveUp, seed: 1);
        Assert.True(result.Failure is not null, $"{defect} was not caught in {result.Schedules:N0} schedules: defects --defect {defect}");
        output.WriteLine($"{defect}: caught by {result.Failure.Scenario} after {result.Schedules:N0} schedules: "
            + $"{result.Failure.Message.Split('\n')[0]}");
    }

    [Fact]
    public void Every_defect_has_a_scenario_or_the_reason_why_there_is_none()
    {
        foreach (SeededDefect defect in Enum.GetValues<SeededDefect>().Where(each => each != SeededDefect.None))
            Assert.True(
                ScenarioRegistry.ByDefect.ContainsKey(defect) != ScenarioRegistry.OutsideTheModel.ContainsKey(defect), defect.ToString());
    }

    private static bool IsInTheModel(SeededDefect defect) =>
        defect != SeededDefect.None && !ScenarioRegistry.OutsideTheModel.ContainsKey(defect);
}
