using static MmuNotifier.Analyzers.Tests.Verify;

namespace MmuNotifier.Analyzers.Tests;

public sealed class IgnoredResultTests
{
    [Theory]
    [InlineData("[|space.Apply(batch)|];")]
    [InlineData("[|space.TryInsert(notifier, range)|];")]
    [InlineData("[|notifier.Move(range)|];")]
    [InlineData("[|notifier.Move(range, range)|];")]
    [InlineData("notifier?[|.Move(range)|];")]
    [InlineData("foreach (FoundNotifier found in space.Find(range)) [|found.Move(range)|];")]
    public Task Ignored(string statement) => Finds<IgnoredResultAnalyzer>(Wrap(statement));

    [Theory]
    [InlineData("_ = space.Apply(batch);")]
    [InlineData("if (space.Apply(batch) == EditResult.Applied) return;")]
    [InlineData("EditResult result = notifier.Move(range); Console.WriteLine(result);")]
    [InlineData("space.Insert(notifier, range);")]
    [InlineData("batch.Move(notifier, range, range);")]
    [InlineData("notifier.RemoveDeferred();")]
    public Task Looked_at_or_without_meaning(string statement) => Finds<IgnoredResultAnalyzer>(Wrap(statement));

    private static string Wrap(string statement) =>
        $$"""
        class Editor
        {
            void Edit(AddressSpace space, IntervalNotifier notifier, NotifierBatch batch, AddressRange range)
            {
                {{statement}}
            }
        }
        """;
}
