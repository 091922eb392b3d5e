namespace MmuNotifier.Benchmarks.Caches;

/// <summary>Measures several things in turn, A B C A B C, so that whatever slows the machine for a while slows all of a round.</summary>
internal static class InTurn
{
    /// <param name="rounds">Rounds that count; one more, the first, warms up.</param>
    /// <param name="measurements">What is measured.</param>
    /// <returns>For each measurement its values, one a round.</returns>
    internal static List<double>[] Measure(int rounds, params Func<double>[] measurements)
    {
        var values = new List<double>[measurements.Length];
        for (int i = 0; i < values.Length; i++)
            values[i] = [];
        for (int round = -1; round < rounds; round++)
        {
            for (int i = 0; i < measurements.Length; i++)
            {
                double value = measurements[i]();
                if (round >= 0)
                    values[i].Add(value);
            }
        }

        return values;
    }
}
