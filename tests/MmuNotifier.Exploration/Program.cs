using MmuNotifier;
using MmuNotifier.Exploration;
using MmuNotifier.Exploration.Scenarios;
using MmuNotifier.Exploration.Scenarios.Litmus;
foreach (SeededDefect d in new[] { SeededDefect.None, LitmusDefects.Weakened })
{
    Defects.Active = d;
    foreach (var f in ScenarioRegistry.All.Append(() => new TwoPreemptions()))
    {
        var r = Explorer.ExploreExhaustively(f, new ExplorationBounds { MaxStaleReads = 2, TimeLimit = TimeSpan.FromSeconds(5) });
        Console.WriteLine($"{f().Name} {d} exh {r.Schedules} complete={r.IsComplete} {r.SchedulesPerSecond:f0}/s fail={r.Failure?.Message} {r.Failure?.Schedule} repro={r.Failure?.IsReproduced}");
        r = Explorer.ExploreRandomly(f, 1, 20000, TimeSpan.FromSeconds(5));
        Console.WriteLine($"    rnd {r.Schedules} {r.SchedulesPerSecond:f0}/s fail={r.Failure?.Message} {r.Failure?.FoundSchedule} -> {r.Failure?.Schedule} repro={r.Failure?.IsReproduced}");
        if (r.Failure != null && f().Name.StartsWith('M')) Console.WriteLine(r.Failure);
    }
}
return 0;
