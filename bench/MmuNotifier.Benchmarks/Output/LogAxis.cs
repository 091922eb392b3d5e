using ScottPlot;
using ScottPlot.TickGenerators;

namespace MmuNotifier.Benchmarks;

/// <summary>Logarithmic axes: what is plotted are the logarithms, and the ticks say what they stand for.</summary>
internal static class LogAxis
{
    private const double FewDecades = 2.5;

    internal static double[] Of(IEnumerable<double> values) => [.. values.Select(value => Math.Log10(Math.Max(value, 1)))];

    /// <summary>
    /// Sets ticks within the axis's limits, which are set already: a label a decade, or three where there are few decades.
    /// </summary>
    internal static void Apply(IAxis axis, Func<double, string> label)
    {
        var ticks = new NumericManual();
        int[] labelled = axis.Max - axis.Min < FewDecades ? [1, 2, 5] : [1];
        for (int exponent = (int)Math.Floor(axis.Min); exponent <= axis.Max; exponent++)
        {
            for (int digit = 1; digit < 10; digit++)
            {
                double value = digit * Math.Pow(10, exponent);
                if (labelled.Contains(digit))
                    ticks.AddMajor(Math.Log10(value), label(value));
                else
                    ticks.AddMinor(Math.Log10(value));
            }
        }

        axis.TickGenerator = ticks;
    }
}
