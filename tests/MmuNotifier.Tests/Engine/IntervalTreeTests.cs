using MmuNotifier.Tests.Regression;

namespace MmuNotifier.Tests.Engine;

public class IntervalTreeTests
{
    [Theory]
    [InlineData(1, 40)]
    [InlineData(2, 300)]
    [InlineData(3, 2000)]
    public void Random_operations_agree_with_a_list(int seed, int most)
    {
        var random = new Random(seed);
        var tree = new IntervalTree();
        var model = new List<(ScriptedNotifier Notifier, AddressRange Range, long Stamp)>();
        for (int i = 0; i < 6000; i++)
        {
            int draw = random.Next(10);
            if (draw < 5 && model.Count < most)
            {
                var notifier = new ScriptedNotifier();
                AddressRange range = AnyRange(random);
                notifier.SetRange(range);
                tree.Insert(notifier, range);
                model.Add((notifier, range, notifier.TreeStamp));
            }
            else if (model.Count > 0 && draw < 8)
            {
                int index = random.Next(model.Count);
                tree.Remove(model[index].Notifier);
                model.RemoveAt(index);
            }
            else if (model.Count > 0)
            {
                int index = random.Next(model.Count);
                (ScriptedNotifier notifier, AddressRange from, _) = model[index];
                AddressRange to = random.Next(2) == 0 ? new AddressRange(from.Start, from.Start + (ulong)random.Next(50)) : AnyRange(random);
                notifier.SetRange(to);
                tree.Move(notifier, from, to);
                model[index] = (notifier, to, notifier.TreeStamp);
            }

            tree.AssertInvariants();
            AssertSame(tree, model, AnyRange(random));
        }
    }

    [Fact]
    public void A_tree_that_was_emptied_takes_notifiers_again()
    {
        var tree = new IntervalTree();
        for (int round = 0; round < 3; round++)
        {
            List<ScriptedNotifier> notifiers = [];
            for (ulong i = 0; i < 500; i++)
            {
                var notifier = new ScriptedNotifier();
                notifier.SetRange(new AddressRange(i, i));
                tree.Insert(notifier, new AddressRange(i, i));
                notifiers.Add(notifier);
            }

            notifiers.ForEach(tree.Remove);
            tree.AssertInvariants();
            Assert.Equal(0, tree.Count);
        }
    }

    private static AddressRange AnyRange(Random random)
    {
        ulong start = (ulong)random.Next(1000);
        return new AddressRange(start, start + (ulong)random.Next(random.Next(4) == 0 ? 300 : 10));
    }

    private static void AssertSame(
        IntervalTree tree, List<(ScriptedNotifier Notifier, AddressRange Range, long Stamp)> model, AddressRange query)
    {
        IEnumerable<IntervalNotifier> expected = model.Where(entry => entry.Range.Overlaps(query))
            .OrderBy(entry => entry.Range.Start).ThenBy(entry => entry.Stamp).Select(entry => (IntervalNotifier)entry.Notifier);
        var collector = new Collector([]);
        tree.Visit(query, ref collector);
        Assert.Equal(expected, collector.Found);

        List<IntervalNotifier> stepped = [];
        ulong afterStart = 0;
        long afterStamp = 0;
        while (tree.FindNext(query, afterStart, afterStamp) is { } next)
        {
            stepped.Add(next);
            (afterStart, afterStamp) = (next.RangeLocked.Start, next.TreeStamp);
        }

        Assert.Equal(expected, stepped);
    }

    private readonly struct Collector(List<IntervalNotifier> found) : IIntervalVisitor
    {
        public List<IntervalNotifier> Found => found;

        public bool Visit(IntervalNotifier notifier, ulong start, ulong last)
        {
            Assert.Equal(notifier.RangeLocked, new AddressRange(start, last));
            found.Add(notifier);
            return true;
        }
    }
}
