using MmuNotifier.Hmm;

namespace MmuNotifier.Differential.Tests;

public sealed class ShrinkerTests
{
    private const ulong Page = MirroredMemory.PageBytes;

    [Fact]
    public void Only_the_operations_that_matter_are_left()
    {
        IReadOnlyList<Operation> operations = new OperationGenerator(seed: 7, arenaPages: 64).Next(500);
        static bool Fails(IReadOnlyList<Operation> candidate)
        {
            int unmap = candidate.ToList().FindIndex(operation => operation.Kind == OperationKind.Unmap);
            return unmap >= 0 && candidate.Skip(unmap).Any(operation => operation.Kind == OperationKind.Truncate);
        }

        Assert.True(Fails(operations));
        IReadOnlyList<Operation> smallest = new Shrinker(Fails).Shrink(operations);
        Assert.Equal([OperationKind.Unmap, OperationKind.Truncate], smallest.Select(operation => operation.Kind));
    }

    [Fact]
    public void Arguments_become_as_plain_as_they_can()
    {
        var operation = new Operation
        {
            Kind = OperationKind.Map,
            InChild = true,
            Offset = Page,
            Length = (9 * Page) - 5,
            File = 3,
            FileOffset = 4 * Page,
            Protection = Protection.Read,
            MapFlags = MapFlags.Shared | MapFlags.Fixed | MapFlags.Populate,
        };
        IReadOnlyList<Operation> smallest = new Shrinker(candidate => candidate is [{ Length: >= 3 * Page }]).Shrink([operation]);
        var expected = new Operation
        {
            Kind = OperationKind.Map,
            Offset = Page,
            Length = 3 * Page,
            Protection = Protection.Read | Protection.Write,
            MapFlags = MapFlags.Private | MapFlags.Fixed,
        };
        Assert.Equal(expected, Assert.Single(smallest));
    }

    [Fact]
    public void It_stops_after_as_many_runs_as_it_may()
    {
        int runs = 0;
        var shrinker = new Shrinker(_ => ++runs > 0 && false, maxRuns: 50);
        IReadOnlyList<Operation> operations = new OperationGenerator(seed: 7, arenaPages: 64).Next(500);
        Assert.Equal(operations.Count, shrinker.Shrink(operations).Count);
        Assert.Equal(50, runs);
    }
}
