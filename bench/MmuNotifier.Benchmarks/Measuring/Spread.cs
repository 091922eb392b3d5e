namespace MmuNotifier.Benchmarks;

/// <summary>Median, least and greatest of some values.</summary>
internal readonly record struct Spread(double Median, double Least, double Greatest)
{
    internal static Spread Of(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        int middle = sorted.Length / 2;
        double median = sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
        return new Spread(median, sorted[0], sorted[^1]);
    }
}
