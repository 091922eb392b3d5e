namespace MmuNotifier.Benchmarks.Cores;

/// <summary>A target: how much memory it has, and what it does with it.</summary>
/// <param name="IsManaged">Whether it is a .NET process; otherwise one in C.</param>
/// <param name="MiB">Its memory, in MiB.</param>
/// <param name="Writes">Which part of it is written in a second; infinity for as fast as it goes.</param>
/// <param name="Mappings">How many mappings the memory has.</param>
internal sealed record CoreLoad(bool IsManaged, int MiB, double Writes, int Mappings = 1)
{
    internal const double Everything = double.PositiveInfinity;
    private const int PagesInMiB = 256;

    /// <summary>Pages that are written in a second; -1 for as many as it can.</summary>
    internal double PagesPerSecond => double.IsInfinity(Writes) ? -1 : Writes * MiB * PagesInMiB;

    internal string Name
    {
        get
        {
            string size = MiB < 1024 ? $"{MiB} MiB" : $"{MiB / 1024} GiB";
            string writes = double.IsInfinity(Writes) ? "all written" : Writes == 0 ? "idle" : $"{Writes * 100:0.#} % written";
            string mappings = Mappings > 1 ? FormattableString.Invariant($", {Mappings:N0} mappings") : "";
            return FormattableString.Invariant($"{(IsManaged ? ".NET" : "C")}, {size}, {writes}{mappings}");
        }
    }

    /// <summary>The stop that is the goal, in ms: of the median and of the worst; null where none is named.</summary>
    internal (double Median, double Worst)? Goal =>
        double.IsInfinity(Writes) ? null : Mappings > FewMappings ? (WorstStop, WorstStop) : (MedianStop, WorstStop);

    private const int FewMappings = 5_000;
    private const double MedianStop = 20;
    private const double WorstStop = 50;
}
