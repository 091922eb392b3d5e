namespace MmuNotifier.Differential;

/// <summary>Many sequences on one pair of memories.</summary>
/// <param name="Expected">What is right.</param>
/// <param name="Actual">What is tested.</param>
/// <param name="Seed">Any number.</param>
/// <param name="Operations">How many operations in all.</param>
public sealed record Campaign(MemoryKind Expected, MemoryKind Actual, int Seed, long Operations)
{
    private const int OperationsPerSequence = 400;
    private const int SmallArenaPages = 64;
    private const int HugeArenaPages = 3 * 512;
    private const int HugeArenaEvery = 50;

    /// <summary>Runs until the end or the first difference.</summary>
    /// <param name="progress">Gets the number of operations done, after each sequence; null for nobody.</param>
    /// <returns>The report of the difference, with the smallest sequence; null if there is none.</returns>
    public string? Run(Action<long>? progress = null)
    {
        var seeds = new Random(Seed);
        long done = 0;
        for (int sequence = 0; done < Operations; sequence++)
        {
            int pages = sequence % HugeArenaEvery == HugeArenaEvery - 1 ? HugeArenaPages : SmallArenaPages;
            int seed = seeds.Next();
            IReadOnlyList<Operation> operations = new OperationGenerator(seed, pages).Next(OperationsPerSequence);
            var comparison = new Comparison(() => Arena.Make(Expected, pages), () => Arena.Make(Actual, pages, place: 1));
            Difference? difference = comparison.Run(operations);
            if (difference is not null)
                return Report(comparison, operations, difference, $"seed {Seed}, sequence {sequence} ({seed}, {pages} pages)");
            done += operations.Count;
            progress?.Invoke(done);
        }

        return null;
    }

    private string Report(Comparison comparison, IReadOnlyList<Operation> operations, Difference difference, string where)
    {
        IReadOnlyList<Operation> failing =
            operations.Take(difference.Index + 1).Append(new Operation { Kind = OperationKind.Compare }).ToList();
        IReadOnlyList<Operation> smallest = new Shrinker(candidate => comparison.Run(candidate) is not null).Shrink(failing);
        string shrunk = comparison.Run(smallest)?.Report(smallest) ?? "not seen again: it depends on more than the sequence";
        return $"""
            {Expected} against {Actual}, {where}, operation {difference.Index}: {difference.Description}
            smallest sequence, {shrunk}
            """;
    }
}
