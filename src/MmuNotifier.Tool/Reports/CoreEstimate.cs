using MmuNotifier.Tool.Sampling;

namespace MmuNotifier.Tool.Reports;

/// <summary>What a core file would have cost at the last look, estimated by the speeds that docs/core.md gives.</summary>
/// <param name="Mappings">How many mappings there were.</param>
/// <param name="MappedPages">How large the file is, holes included.</param>
/// <param name="ResidentPages">How much of it takes room on the disk.</param>
/// <param name="WrittenPagesPerSecond">On average.</param>
internal readonly record struct CoreEstimate(int Mappings, long MappedPages, long ResidentPages, double WrittenPagesPerSecond)
{
    private const double StoppedBytesPerSecond = 1.36e9, CopiedBytesPerSecond = 4e9, AttachSeconds = 0.008, LastRoundSeconds = 0.02;
    private const double MostSeconds = 1e6;

    /// <summary>How long a program that copies everything from the stopped process takes.</summary>
    internal TimeSpan StopOfAll => TimeSpan.FromSeconds(Bytes(ResidentPages) / StoppedBytesPerSecond);

    /// <summary>How long <c>mmun core</c> stops the process: for what it writes during the last round.</summary>
    internal TimeSpan StopOfMmun => TimeSpan.FromSeconds(
        AttachSeconds + Math.Min(MostSeconds, Bytes(WrittenPagesPerSecond * LastRoundSeconds) / CopiedBytesPerSecond));

    private static double Bytes(double pages) => pages * (1 << MemorySample.PageShift);
}
