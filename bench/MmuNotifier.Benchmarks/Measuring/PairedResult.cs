namespace MmuNotifier.Benchmarks;

/// <summary>What pairs of rounds gave: medians of both sides, and the spread of the ratios of the pairs.</summary>
/// <param name="Ours">Median of ours.</param>
/// <param name="Baseline">Median of the other side.</param>
/// <param name="Ratio">Ours divided by the other, pair by pair.</param>
/// <param name="BytesOurs">Heap bytes that an operation of ours allocated on the measuring thread.</param>
/// <param name="BytesBaseline">The same of the other side.</param>
internal sealed record PairedResult(double Ours, double Baseline, Spread Ratio, double BytesOurs, double BytesBaseline)
{
    internal static PairedResult Of(List<double> ours, List<double> baseline, double bytesOurs = 0, double bytesBaseline = 0) => new(
        Spread.Of(ours).Median,
        Spread.Of(baseline).Median,
        Spread.Of(ours.Zip(baseline, (our, other) => our / other)),
        bytesOurs,
        bytesBaseline);
}
