using static MmuNotifier.Analyzers.Tests.Verify;

namespace MmuNotifier.Analyzers.Tests;

public sealed class BypassedHoldTests
{
    [Theory]
    [InlineData("[|found.Notifier.RemoveDeferred()|];", "found.RemoveDeferred();")]
    [InlineData("[|found.Notifier.Move(range)|];", "found.Move(range);")]
    [InlineData("_ = [|found.Notifier.Move(found.Range, range)|];", "_ = found.Move(found.Range, range);")]
    [InlineData("[|found.Notifier.Cut(range, () => null!)|];", "found.Cut(range, () => null!);")]
    [InlineData("[|((Mine)found.Notifier).RemoveDeferred()|];", "found.RemoveDeferred();")]
    [InlineData("[|found.Notifier!.RemoveDeferred()|];", "found.RemoveDeferred();")]
    [InlineData("[|walk.Current.Notifier.RemoveDeferred()|];", "walk.Current.RemoveDeferred();")]
    public Task Edits_are_made_through_the_hold(string statement, string fixedStatement) =>
        Fixes<BypassedHoldAnalyzer, BypassedHoldFix>(Wrap(statement), Wrap(fixedStatement));

    [Theory]
    [InlineData("found.RemoveDeferred();")]
    [InlineData("found.Move(range);")]
    [InlineData("found.Cut(range, () => null!);")]
    [InlineData("if (found.Notifier.Range == range) own.RemoveDeferred();")]
    [InlineData("own.Move(range);")]
    public Task Nothing_to_bypass(string statement) => Finds<BypassedHoldAnalyzer>(Wrap(statement));

    private static string Wrap(string statement) =>
        $$"""
        abstract class Mine : IntervalNotifier { }
        class Finder
        {
            void Find(AddressSpace space, AddressRange range, IntervalNotifier own)
            {
                using FindEnumerator walk = space.Find(range);
                foreach (FoundNotifier found in space.Find(range))
                {
                    {{statement}}
                }
            }
        }
        """;
}
