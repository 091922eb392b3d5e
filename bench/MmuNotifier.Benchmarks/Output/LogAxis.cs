using ScottPlot;
using ScottPlot.TickGenerators;

namespace MmuNotifier.Benchmarks;

/// <summary>Logarithmic axes: what is plotted are the logarithms, and the ticks say what they stand for.</summary>
internal static class LogAxis
{
    internal static double[] Of(IEnumerable<double> values) => [.. values.Select(value => Math.Log10(Math.Max(value, 1)))];

    internal static void Apply(IAxis axis, Func<double, string> label) => axis.TickGenerator = new NumericAutomatic
    {
        IntegerTicksOnly = true,
        MinorTickGenerator = new LogMinorTickGenerator(),
        LabelFormatter = exponent => label(Math.Pow(10, Math.Round(exponent))),
    };
}
