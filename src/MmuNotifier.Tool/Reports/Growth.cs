namespace MmuNotifier.Tool.Reports;

/// <summary>What the course of a quantity looks like.</summary>
internal enum GrowthShape
{
    /// <summary>It has not grown, or not by much.</summary>
    Flat,

    /// <summary>It grows at the end as it does before: the shape of a leak.</summary>
    Steady,

    /// <summary>It has grown, and has stopped.</summary>
    LevelledOff,

    /// <summary>It grows in a few jumps.</summary>
    Steps,

    /// <summary>It grows and shrinks by turns.</summary>
    Sawtooth,
}

/// <summary>How a quantity has grown between the first and the last look.</summary>
/// <param name="First">At the beginning.</param>
/// <param name="Last">At the end.</param>
/// <param name="Most">The highest value.</param>
/// <param name="PerSecond">On average.</param>
/// <param name="Shape">What the course looks like.</param>
internal readonly record struct Growth(long First, long Last, long Most, double PerSecond, GrowthShape Shape)
{
    /// <summary>Into how many parts of equal time a course is divided.</summary>
    internal const int Points = 64;

    private const long LeastPages = 16;
    private const double LeastShare = 0.02, StoppedShare = 0.1, StepsShare = 0.8, DropsShare = 0.5;
    private const int MostSteps = 3;

    internal long Pages => Last - First;

    /// <param name="course">The value at the end of each part of the time.</param>
    /// <param name="first">The value at the beginning.</param>
    /// <param name="duration">The whole time.</param>
    internal static Growth Of(ReadOnlySpan<long> course, long first, TimeSpan duration)
    {
        long last = course[^1], most = first, drops = 0, before = first;
        var rises = new List<long>();
        foreach (long value in course)
        {
            most = Math.Max(most, value);
            if (value < before)
                drops += before - value;
            else if (value > before)
                rises.Add(value - before);
            before = value;
        }

        long grown = last - first;
        double perSecond = duration > TimeSpan.Zero ? grown / duration.TotalSeconds : 0;
        return new Growth(first, last, most, perSecond, ShapeOf(course, first, grown, drops, rises));
    }

    private static GrowthShape ShapeOf(ReadOnlySpan<long> course, long first, long grown, long drops, List<long> rises)
    {
        if (drops > DropsShare * rises.Sum() && rises.Sum() >= LeastPages)
            return GrowthShape.Sawtooth;
        if (grown < LeastPages || grown < LeastShare * first)
            return GrowthShape.Flat;
        long atThreeQuarters = course[(course.Length * 3 / 4) - 1];
        if (course[^1] - atThreeQuarters < StoppedShare * grown)
            return GrowthShape.LevelledOff;
        rises.Sort();
        return rises.TakeLast(MostSteps).Sum() >= StepsShare * rises.Sum() ? GrowthShape.Steps : GrowthShape.Steady;
    }
}
