namespace MmuNotifier.Differential;

/// <summary>
/// Makes a failing sequence small: takes out ever smaller pieces (delta debugging), then makes the operations that are left plainer, until
/// nothing more can go. The sequence still fails, though not always by the same difference.
/// </summary>
/// <param name="fails">Whether a sequence fails.</param>
/// <param name="maxRuns">After how many runs it stops.</param>
public sealed class Shrinker(Func<IReadOnlyList<Operation>, bool> fails, int maxRuns = 20_000)
{
    private int _runs;

    /// <summary>Shrinks.</summary>
    /// <param name="operations">A sequence that fails.</param>
    /// <returns>The smallest that was found.</returns>
    public IReadOnlyList<Operation> Shrink(IReadOnlyList<Operation> operations)
    {
        ArgumentNullException.ThrowIfNull(operations);
        _runs = 0;
        var current = new List<Operation>(operations);
        bool isSmaller = true;
        while (isSmaller && _runs < maxRuns)
        {
            isSmaller = Remove(ref current);
            isSmaller |= Simplify(current);
        }

        return current;
    }

    private bool Remove(ref List<Operation> current)
    {
        bool isSmaller = false;
        for (int chunk = Math.Max(1, current.Count / 2); chunk >= 1; chunk /= 2)
        {
            for (int start = current.Count - chunk; start >= 0; start -= chunk)
            {
                List<Operation> without = [.. current[..start], .. current[(start + chunk)..]];
                if (!Fails(without))
                    continue;
                current = without;
                isSmaller = true;
                start = Math.Min(start, current.Count);
            }
        }

        return isSmaller;
    }

    private bool Simplify(List<Operation> current)
    {
        bool isSimpler = false;
        for (int i = 0; i < current.Count; i++)
        {
            bool isChanged = true;
            while (isChanged && _runs < maxRuns)
            {
                isChanged = false;
                foreach (Operation plainer in OperationSimplifier.Plainer(current[i]))
                {
                    Operation before = current[i];
                    current[i] = plainer;
                    if (Fails(current))
                    {
                        isChanged = isSimpler = true;
                        break;
                    }

                    current[i] = before;
                }
            }
        }

        return isSimpler;
    }

    private bool Fails(IReadOnlyList<Operation> operations) => _runs++ < maxRuns && fails(operations);
}
