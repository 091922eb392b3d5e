namespace MmuNotifier.Growth;

/// <summary>What one operation of a row costs at n, 2n, 4n and 8n, and how that grows.</summary>
internal sealed class GrowthCosts(IReadOnlyList<double> costs)
{
    /// <summary>How far an exponent may be above the rule: a logarithm between the sizes that are measured is less.</summary>
    private const double Tolerance = 0.35;

    public IReadOnlyList<double> Costs { get; } = costs;

    /// <summary>The slope of the straight line through the logarithms of sizes and costs.</summary>
    public double Exponent { get; } = Slope(costs);

    public static IEnumerable<int> Sizes(int smallest) => [smallest, 2 * smallest, 4 * smallest, 8 * smallest];

    /// <summary>Measures a row at all sizes. What a case needs is made before it is measured.</summary>
    public static GrowthCosts Measure(GrowthRow row, int smallest, Func<Action, double> measure)
    {
        List<double> costs = [];
        foreach (int size in Sizes(smallest))
        {
            GrowthCase measured = row.Prepare(size);
            costs.Add(measure(measured.Run) / measured.Operations);
        }

        return new GrowthCosts(costs);
    }

    public bool IsWithin(int exponent) => Exponent <= exponent + Tolerance;

    private static double Slope(IReadOnlyList<double> costs)
    {
        double meanOfSizes = (costs.Count - 1) / 2.0;
        double meanOfCosts = costs.Average(Logarithm);
        double above = 0;
        double below = 0;
        for (int i = 0; i < costs.Count; i++)
        {
            above += (i - meanOfSizes) * (Logarithm(costs[i]) - meanOfCosts);
            below += (i - meanOfSizes) * (i - meanOfSizes);
        }

        return above / below;
    }

    /// <remarks>With one more, so that an operation that costs nothing has a logarithm.</remarks>
    private static double Logarithm(double cost) => Math.Log2(cost + 1);
}
