using MmuNotifier.Benchmarks.Baseline;
using MmuNotifier.Benchmarks.Engines;

namespace MmuNotifier.Benchmarks;

/// <summary>Random insertions and removals of overlapping ranges in the baseline's tree, its rules checked after each.</summary>
internal static class TreeCheck
{
    internal static void Run(int seed, int operations)
    {
        var random = new Random(seed);
        var tree = new RedBlackIntervalTree();
        var inside = new List<KernelNotifier>();
        for (int i = 0; i < operations; i++)
        {
            if (inside.Count == 0 || (random.Next(5) < 3 && inside.Count < 300))
            {
                ulong start = (ulong)random.Next(1000);
                var node = new CountingKernelNotifier { Start = start, Last = start + (ulong)random.Next(200) };
                tree.Insert(node);
                inside.Add(node);
            }
            else
            {
                int index = random.Next(inside.Count);
                tree.Remove(inside[index]);
                inside.RemoveAt(index);
            }

            BlackHeight(tree.Root, null);
            CheckQuery(tree, inside, random);
        }
    }

    private static void CheckQuery(RedBlackIntervalTree tree, List<KernelNotifier> inside, Random random)
    {
        ulong start = (ulong)random.Next(1200);
        ulong last = start + (ulong)random.Next(100);
        var found = new List<KernelNotifier>();
        for (KernelNotifier? node = tree.First(start, last); node is not null; node = RedBlackIntervalTree.Next(node, start, last))
            found.Add(node);
        KernelNotifier[] expected = [.. inside.Where(node => node.Start <= last && start <= node.Last)];
        Require(found.Count == expected.Length && !expected.Except(found).Any(), "a query finds exactly those that it meets");
        Require(found.SequenceEqual(found.OrderBy(node => node.Start)), "a query finds them in ascending order");
    }

    private static int BlackHeight(KernelNotifier? node, KernelNotifier? parent)
    {
        if (node is null)
            return 0;
        Require(ReferenceEquals(node.Parent, parent), "a node knows its parent");
        Require(!node.IsRed || parent is { IsRed: false }, "a red node has a black parent");
        int left = BlackHeight(node.Left, node);
        int right = BlackHeight(node.Right, node);
        Require(left == right, "all paths have as many black nodes");
        ulong last = Math.Max(node.Last, Math.Max(node.Left?.SubtreeLast ?? 0, node.Right?.SubtreeLast ?? 0));
        Require(node.SubtreeLast == last, "a node knows the last of its subtree");
        return left + (node.IsRed ? 0 : 1);
    }

    private static void Require(bool condition, string rule)
    {
        if (!condition)
            throw new InvalidOperationException($"The baseline's tree broke a rule: {rule}.");
    }
}
