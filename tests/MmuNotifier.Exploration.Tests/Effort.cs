using System.Globalization;

namespace MmuNotifier.Exploration.Tests;

/// <summary>How long the engine is explored: as long as CI has time, or longer by environment variables.</summary>
internal static class Effort
{
    public const ulong Seed = 20200113;

    /// <summary>MMUN_EXPLORATION_SCHEDULES: random schedules per scenario.</summary>
    public static long Schedules { get; } = Read("MMUN_EXPLORATION_SCHEDULES", 3_000);

    /// <summary>MMUN_EXPLORATION_SECONDS: for the exhaustive exploration of one scenario.</summary>
    public static TimeSpan ExhaustiveTime { get; } = TimeSpan.FromSeconds(Read("MMUN_EXPLORATION_SECONDS", 5));

    /// <summary>After that a defect counts as not caught, and random schedules stop short: nothing is asserted about speed.</summary>
    public static TimeSpan GiveUp { get; } = TimeSpan.FromMinutes(10);

    private static long Read(string variable, long usual) =>
        long.TryParse(Environment.GetEnvironmentVariable(variable), CultureInfo.InvariantCulture, out long value) ? value : usual;
}
