namespace MmuNotifier.Differential;

/// <summary>Runs the same operations on two fresh memories.</summary>
/// <param name="expected">Makes the memory that is right.</param>
/// <param name="actual">Makes the memory under test.</param>
public sealed class Comparison(Func<Side> expected, Func<Side> actual)
{
    /// <summary>Runs a sequence from the beginning.</summary>
    /// <param name="operations">The sequence.</param>
    /// <returns>The first difference; null if there is none.</returns>
    public Difference? Run(IReadOnlyList<Operation> operations)
    {
        ArgumentNullException.ThrowIfNull(operations);
        using Side one = expected();
        using Side other = actual();
        for (int i = 0; i < operations.Count; i++)
        {
            string? description = Step(one, other, operations[i]);
            if (description is not null)
                return new Difference(i, description);
        }

        return null;
    }

    private static string? Step(Side one, Side other, Operation operation)
    {
        string? difference;
        if (operation.Kind == OperationKind.Compare)
        {
            difference = one.TakeSnapshot().DescribeDifference(other.TakeSnapshot());
        }
        else
        {
            if (one.IsUndetermined(operation) || other.IsUndetermined(operation))
                return null;
            difference = one.Do(operation).DescribeDifference(other.Do(operation));
        }

        return difference ?? one.FindUnannounced() ?? other.FindUnannounced();
    }
}
