using MmuNotifier.Exploration.Scenarios.Litmus;

namespace MmuNotifier.Exploration;

/// <summary>A schedule that failed.</summary>
/// <param name="Scenario">Its name.</param>
/// <param name="Defect">Which was active.</param>
/// <param name="Seed">Of this one schedule, if it was random.</param>
/// <param name="FoundSchedule">The choices that failed first.</param>
/// <param name="Schedule">The same with as many choices made plain as it still fails without.</param>
/// <param name="Message">What went wrong.</param>
/// <param name="Trace">The steps of <paramref name="Schedule"/> as a timeline.</param>
/// <param name="Timeline">Only the steps that have a name.</param>
/// <param name="IsReproduced">Whether replaying failed again; if not, the scenario is not deterministic.</param>
internal sealed record ExplorationFailure(
    string Scenario, SeededDefect Defect, ulong? Seed, string FoundSchedule, string Schedule, string Message, string Trace, string Timeline,
        bool IsReproduced)
{
    private string DefectOption => Defect switch
    {
        SeededDefect.None => "",
        LitmusDefects.Weakened => " --defect litmus",
        _ => $" --defect {Defect}",
    };

    private string ReplayNote => IsReproduced ? "" : "REPLAY DID NOT FAIL: the scenario is not deterministic\n";

    public override string ToString() => $"""
        {Scenario}: {Message}

        {Trace}
        {(Seed is { } seed ? $"seed of the schedule: {seed}, found as {FoundSchedule}" : $"found as {FoundSchedule}")}
        {ReplayNote}replay --scenario {Scenario} --schedule {Schedule}{DefectOption}
        """;
}
