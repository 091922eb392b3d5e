namespace MmuNotifier.Benchmarks;

/// <summary>
/// What the kernel's own C code (6.1, built -O2 in userspace) took on another machine of this kind, as the project's specification quotes
/// it. No claim is made against these: they were not measured in the same run.
/// </summary>
internal static class KernelFigures
{
    private static readonly Dictionary<(string Name, long N), string> Figures = new()
    {
        [(RowNames.Insert, 1)] = "16",
        [(RowNames.Insert, 100)] = "19",
        [(RowNames.Insert, 10_000)] = "115",
        [(RowNames.Insert, 1_000_000)] = "1122",
        [(RowNames.Remove, 1)] = "16",
        [(RowNames.Remove, 100)] = "17",
        [(RowNames.Remove, 10_000)] = "47",
        [(RowNames.Remove, 1_000_000)] = "239",
        [(RowNames.HitOne, 1)] = "24",
        [(RowNames.HitOne, 100)] = "45",
        [(RowNames.HitOne, 10_000)] = "153",
        [(RowNames.HitOne, 1_000_000)] = "1487",
        [(RowNames.HitNone, 1)] = "17",
        [(RowNames.HitNone, 100)] = "40",
        [(RowNames.HitNone, 10_000)] = "127",
        [(RowNames.HitNone, 1_000_000)] = "1326",
        [(RowNames.Read, 1)] = "7.6",
        [(RowNames.Read, 100)] = "7.6",
        [(RowNames.Read, 10_000)] = "8.5",
        [(RowNames.Read, 1_000_000)] = "37",
        [(RowNames.HitMany, 100)] = "295",
        [(RowNames.HitMany, 10_000)] = "603",
        [(RowNames.HitMany, 1_000_000)] = "4234",
        [(RowNames.TwoThreads, 10_000)] = "11.5 → 4.5",
        [(RowNames.ReaderBesideFar, 100)] = "136 → 41 Mops/s",
        [(RowNames.ReaderGapless, 3)] = "never (5 s)",
        [(RowNames.RemoverGapless, 3)] = "never (15 s)",
        [(RowNames.BytesInvalidation, 10_000)] = "0",
        [(RowNames.BytesRead, 10_000)] = "0",
    };

    internal static string? Of(string name, long n) => Figures.GetValueOrDefault((name, n));
}
