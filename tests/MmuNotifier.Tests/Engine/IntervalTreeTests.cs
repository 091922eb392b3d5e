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
        var tree = new IntervalTree(_ => false);
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
                tree.Remove(model[index].Notifier, model[index].Range.Start);
                model.RemoveAt(index);
            }
            else if (model.Count > 0)
            {
                int index = random.Next(model.Count);
                (ScriptedNotifier notifier, AddressRange from, _) = model[index];
                AddressRange to = random.Next(2) == 0
                    ? new AddressRange(from.Start, from.Start + (ulong)random.Next(50))
                    : AnyRange(random);
                notifier.SetRange(to);
                tree.Move(notifier, from, to);
                model[index] = (notifier, to, notifier.TreeStamp);
            }

            tree.AssertInvariants();
            AssertSame(tree, model, AnyRange(random));
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void A_leaf_that_is_being_walked_stays_as_it_is(int seed)
    {
        var random = new Random(seed);
        var walked = new Dictionary<LeafNode, IntervalNotifier?[]>();
        var tree = new IntervalTree(walked.ContainsKey);
        var inTree = new List<ScriptedNotifier>();
        for (int i = 0; i < 3000; i++)
        {
            if (i % 10 == 0)
            {
                walked.Clear();
                var pinner = new Pinner(walked);
                tree.Visit(AnyRange(random), ref pinner);
            }

            if (inTree.Count < 40 || random.Next(2) == 0)
            {
                var notifier = new ScriptedNotifier();
                notifier.SetRange(AnyRange(random));
                tree.Insert(notifier, notifier.RangeLocked);
                inTree.Add(notifier);
            }
            else
            {
                int index = random.Next(inTree.Count);
                tree.Remove(inTree[index], inTree[index].RangeLocked.Start);
                inTree.RemoveAt(index);
            }

            tree.AssertInvariants();
            foreach ((LeafNode leaf, IntervalNotifier?[] before) in walked)
                Assert.Equal(before, Contents(leaf));
        }

        Assert.Equal(inTree.Count, tree.Count);
    }

    [Fact]
    public void A_tree_that_was_emptied_takes_notifiers_again()
    {
        var tree = new IntervalTree(_ => false);
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

            notifiers.ForEach(notifier => tree.Remove(notifier, notifier.RangeLocked.Start));
            tree.AssertInvariants();
            Assert.Equal(0, tree.Count);
        }
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(400, 0)]
    [InlineData(400, 7)]
    public void Ascending_insertions_leave_full_leaves(int others, int run)
    {
        const int count = 3200;
        var tree = new IntervalTree(_ => false);
        for (int i = 0; i < others; i++)
            Insert(tree, (i % 2 == 0 ? 0ul : 1_000_000) + (ulong)i);
        for (int i = 0; i < count; i++)
        {
            Insert(tree, 100_000 + (ulong)i);
            if (run != 0 && i % run == 0)
                Insert(tree, 2_000_000 - (ulong)i); // A run that is too short.
        }

        tree.AssertInvariants();
        var after = new Collector([]);
        tree.Visit(new AddressRange(100_000, 200_000), ref after);
        Assert.Equal(count, after.Found.Count);
        int fullLeaves = count / (IntervalTreeNode.Capacity - 1);
        Assert.Equal(run == 0, after.Leaves.Count <= fullLeaves + 2);
        Assert.InRange(after.Leaves.Count, fullLeaves, (2 * fullLeaves) + 2);
    }

    private static void Insert(IntervalTree tree, ulong address)
    {
        var notifier = new ScriptedNotifier();
        notifier.SetRange(new AddressRange(address, address));
        tree.Insert(notifier, notifier.RangeLocked);
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
        for (IntervalNotifier? next = tree.FindNext(query, default); next is not null; next = tree.FindNext(query, next.TreePlace))
            stepped.Add(next);

        Assert.Equal(expected, stepped);
    }

    private static IntervalNotifier?[] Contents(LeafNode leaf) => [.. Enumerable.Range(0, leaf.Count).Select(leaf.NotifierAt)];

    private readonly struct Pinner(Dictionary<LeafNode, IntervalNotifier?[]> walked) : ILeafVisitor
    {
        public bool Visit(LeafNode leaf, uint entries)
        {
            walked[leaf] = Contents(leaf);
            return true;
        }
    }

    private readonly struct Collector(List<IntervalNotifier> found) : ILeafVisitor
    {
        public List<IntervalNotifier> Found => found;

        public HashSet<LeafNode> Leaves { get; } = [];

        public bool Visit(LeafNode leaf, uint entries)
        {
            Leaves.Add(leaf);
            for (int i = 0; i < leaf.Count; i++)
            {
                if ((entries & (1u << i)) == 0)
                    continue;
                Assert.Equal(leaf.NotifierAt(i).RangeLocked, new AddressRange(leaf.Starts[i], leaf.Lasts[i]));
                found.Add(leaf.NotifierAt(i));
            }

            return true;
        }
    }
}
