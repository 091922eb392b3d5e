using static MmuNotifier.Analyzers.Tests.Verify;

namespace MmuNotifier.Analyzers.Tests;

public sealed class KeptFoundNotifierTests
{
    [Theory]
    [InlineData("_field = [|found.Notifier|];")]
    [InlineData("Property = [|found.Notifier|];")]
    [InlineData("_field ??= [|found.Notifier|];")]
    [InlineData("_array[0] = [|found.Notifier|];")]
    [InlineData("outer = [|found.Notifier|];")]
    [InlineData("outer = found.Range.Start == 0 ? [|found.Notifier|] : outer;")]
    [InlineData("given = [|found.Notifier|];")]
    [InlineData("_list.Add([|found.Notifier|]);")]
    [InlineData("_map.TryAdd(3, [|found.Notifier|]);")]
    [InlineData("Volatile.Write(ref _field, [|found.Notifier|]);")]
    [InlineData("return [|found.Notifier|];")]
    [InlineData("return (Mine)[|found.Notifier|];")]
    [InlineData("var local = found.Notifier; _field = [|local|];")]
    [InlineData("if (found.Notifier is Mine mine) _list.Add([|mine|]);")]
    [InlineData("IntervalNotifier local; local = found.Notifier; var copy = local; outer = [|copy|];")]
    [InlineData("var local = found.Notifier; Task.Run(() => [|local|].Remove());")]
    public Task Kept(string statements) => FindsIn(statements);

    [Theory]
    [InlineData("Look(found.Notifier);")]
    [InlineData("if (found.Notifier == _field) count++;")]
    [InlineData("var local = found.Notifier; Look(local); local.RemoveDeferred();")]
    [InlineData("outerRange = found.Notifier.Range;")]
    [InlineData("found.RemoveDeferred();")]
    [InlineData("batch.Remove(found.Notifier, found.Range);")]
    [InlineData("var local = found.Notifier; found.Cut(found.Range, () => local);")]
    [InlineData("var local = found.Notifier; if (_list.Any(known => known == local)) count++;")]
    public Task Not_kept(string statements) => FindsIn(statements);

    [Fact]
    public Task Kept_from_a_walk_by_hand() => Finds<KeptFoundNotifierAnalyzer>(
        """
        class Finder
        {
            private IntervalNotifier? _field;
            IntervalNotifier? Find(AddressSpace space)
            {
                using FindEnumerator walk = space.Find(AddressRange.Whole);
                if (!walk.MoveNext())
                    return null;
                _field = [|walk.Current.Notifier|];
                return [|walk.Current.Notifier|];
            }
        }
        """);

    [Fact]
    public Task A_helper_that_is_given_what_was_found() => Finds<KeptFoundNotifierAnalyzer>(
        """
        class Finder
        {
            private IntervalNotifier? _field;
            void Keep(FoundNotifier found) => _field = [|found.Notifier|];
            IntervalNotifier Of(FoundNotifier found) => found.Notifier;
        }
        """);

    private static Task FindsIn(string statements) => Finds<KeptFoundNotifierAnalyzer>(
        $$"""
        abstract class Mine : IntervalNotifier { }
        class Finder
        {
            private IntervalNotifier? _field;
            private readonly IntervalNotifier?[] _array = [null];
            private readonly List<IntervalNotifier> _list = [];
            private readonly Dictionary<int, IntervalNotifier> _map = [];
            private IntervalNotifier? Property { get; set; }
            private AddressRange outerRange;
            private int count;
            IntervalNotifier? Find(AddressSpace space, NotifierBatch batch, IntervalNotifier given)
            {
                IntervalNotifier? outer = null;
                foreach (FoundNotifier found in space.Find(AddressRange.Whole))
                {
                    {{statements}}
                }
                return outer;
            }
            void Look(IntervalNotifier notifier) { }
        }
        """);
}
