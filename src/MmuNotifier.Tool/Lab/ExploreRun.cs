extern alias exploration;
using System.Globalization;
using exploration::MmuNotifier.Exploration;
using MmuNotifier.Tool.Commands;
using MmuNotifier.Tool.Output;
using Spectre.Console;

namespace MmuNotifier.Tool.Lab;

/// <summary>One run of <c>mmun lab explore</c>.</summary>
internal static class ExploreRun
{
    private const long UsualSchedules = 500;
    private const long UsualSchedulesForDefects = 20_000;

    /// <summary>Does what is asked for.</summary>
    /// <returns>The exit code.</returns>
    internal static int Execute(ExploreOptions options)
    {
        if (options.IsList)
            return List(options);
        if (options.Replay is { } text)
            return Replay(text, options);
        if (options.Defect is null && !options.AllDefects)
            return ExploreRight(options);
        if (options.Defect is { } name && !options.Drivers.Any(driver => DefectsOf(driver, name).Any()))
        {
            Console.Error.WriteLine(
                $"mmun: There is no seeded defect '{name}' of {string.Join(", ", options.Drivers)} (mmun lab explore --list has them)");
            return ExitCodes.Impossible;
        }

        return ExploreBroken(options);
    }

    private static int List(ExploreOptions options)
    {
        Table table = new Table().AddColumns("driver", "scenarios", "seeded defects (--defect)");
        foreach (string driver in options.Drivers)
        {
            table.AddRow(
                Markup.Escape(driver),
                Markup.Escape(string.Join('\n', DriverExploration.ScenariosOf(driver).Select(NameWithoutDriver))),
                Markup.Escape(string.Join('\n', DriverExploration.DefectsOf(driver))));
        }

        AnsiConsole.Write(table);
        return ExitCodes.Success;
    }

    private static string NameWithoutDriver(string scenario) => scenario[(scenario.IndexOf(':', StringComparison.Ordinal) + 1)..];

    private static int Replay(string text, ExploreOptions options)
    {
        if (!DriverExploration.TryReplay(text, out ExplorationFailure? failure))
        {
            Console.Error.WriteLine($"mmun: '{text}' is no schedule that a failure printed (driver:scenario:choices:defect)");
            return ExitCodes.Impossible;
        }

        if (failure is null)
        {
            Console.WriteLine("It does not fail.");
            return ExitCodes.Success;
        }

        Print(failure, options);
        return ExitCodes.Differs;
    }

    private static int ExploreRight(ExploreOptions options)
    {
        long schedules = options.Schedules ?? (options.Preemptions is null ? UsualSchedules : long.MaxValue);
        using var interruption = new Interruption();
        long run = 0;
        var limits = new ExplorationLimits { Cancellation = interruption.Asked, AfterSchedule = () => Interlocked.Increment(ref run) };
        var effort = new DriverEffort(schedules, options.Seed, options.Preemptions, options.TimeLimit, limits);
        bool hasFault = false;
        foreach (string driver in options.Drivers)
        {
            using ProgressLine? progress = ProgressOf(driver, () => Interlocked.Read(ref run));
            foreach ((string scenario, ExplorationResult result) in DriverExploration.Explore(driver, effort))
            {
                string end = result.Failure is not null ? "FAULT"
                    : interruption.Asked.IsCancellationRequested ? "no fault until it was interrupted"
                    : result.IsComplete ? $"no fault in any schedule with at most {options.Preemptions} preemptions" : "no fault";
                ProgressLine.Print(
                    progress, string.Create(CultureInfo.InvariantCulture, $"{scenario,-36} {result.Schedules,10:N0} schedules  {end}"));
                if (result.Failure is not null)
                {
                    progress?.Dispose();
                    Print(result.Failure, options);
                    hasFault = true;
                }

                if (interruption.Asked.IsCancellationRequested)
                    break;
            }

            if (interruption.Asked.IsCancellationRequested)
                break; // After the first row: there is one however early it was interrupted.
        }

        interruption.Report();
        return hasFault ? ExitCodes.Differs : interruption.ExitCode;
    }

    private static int ExploreBroken(ExploreOptions options)
    {
        using var interruption = new Interruption();
        long run = 0;
        var limits = new ExplorationLimits { Cancellation = interruption.Asked, AfterSchedule = () => Interlocked.Increment(ref run) };
        var effort = new DriverEffort(
            options.Schedules ?? UsualSchedulesForDefects, options.Seed, Preemptions: null, options.TimeLimit, limits);
        Table table = new Table().AddColumns("driver", "seeded defect", "found by", "schedules");
        bool isMissed = false;
        foreach ((string driver, string defect) in options.Drivers.SelectMany(
            driver => DefectsOf(driver, options.Defect).Select(defect => (driver, defect))))
        {
            using ProgressLine? progress = ProgressOf($"{driver}, {defect}", () => Interlocked.Read(ref run));
            DefectResult result = DriverExploration.ExploreDefect(driver, defect, effort);
            progress?.Dispose();
            if (result.Failure is null && interruption.Asked.IsCancellationRequested)
                break;
            isMissed |= result.Failure is null;
            if (result.Failure is not null)
                Print(result.Failure, options);
            table.AddRow(
                Markup.Escape(driver), Markup.Escape(defect), Markup.Escape(result.Failure?.Scenario ?? "NOT FOUND"),
                result.Schedules.ToString("N0", CultureInfo.InvariantCulture));
        }

        AnsiConsole.Write(table);
        interruption.Report();
        return isMissed ? ExitCodes.Differs : interruption.ExitCode;
    }

    private static IEnumerable<string> DefectsOf(string driver, string? name) =>
        DriverExploration.DefectsOf(driver).Where(defect => name is null || defect.Equals(name, StringComparison.OrdinalIgnoreCase));

    private static ProgressLine? ProgressOf(string what, Func<long> schedules) => ProgressLine.Begin(elapsed => string.Create(
        CultureInfo.InvariantCulture, $"{what}: {elapsed.TotalSeconds:F0} s, {schedules():N0} schedules in all"));

    private static void Print(ExplorationFailure failure, ExploreOptions options)
    {
        Console.WriteLine();
        Console.WriteLine($"{failure.Scenario}{(failure.Defect == default ? "" : $", with the defect {failure.Defect}")}:");
        Console.WriteLine(failure.Message);
        Console.WriteLine();
        Console.WriteLine(options.IsVerbose ? failure.Trace : failure.Timeline);
        if (!failure.IsReproduced)
            Console.WriteLine("THE REPLAY DID NOT FAIL: the scenario is not deterministic.");
        Console.WriteLine($"again: mmun lab explore --replay {DriverExploration.ReplayTextOf(failure)}");
        Console.WriteLine();
    }
}
