namespace MmuNotifier;

/// <summary>
/// Which locks and calls were seen to wait for which (the kernel's lockdep). The graph is acyclic: a dependency that
/// would close a circle is rejected and reported, before the wait can hang, and even if this run would not hang.
/// </summary>
internal static class DependencyGraph
{
    /// <summary>A leaf: nothing is called under it. What was added once is found without it.</summary>
    private static readonly LeafLock s_lock = new();

    /// <summary>Notes a dependency.</summary>
    /// <returns>The sentences of the rest of the circle that it would close; null if there is none, and it is added.</returns>
    public static string[]? Add(DependencyNode from, DependencyNode to, string sentence)
    {
        using (s_lock.Hold())
        {
            if (from.Find(to) is { } known)
                return known.Conflict;
            if (FindPath(to, from) is not { } path)
            {
                from.Add(to, new Dependency(sentence));
                return null;
            }

            NoteConflicts(path, sentence);
            return [.. path.Select(step => step.Dependency.Sentence)];
        }
    }

    /// <summary>The waiting and starting calls on the way throw as well from now on, each with the rest of the circle.</summary>
    private static void NoteConflicts(List<Step> path, string closing)
    {
        for (int i = 0; i < path.Count; i++)
        {
            string[] before = [.. path[..i].Select(step => step.Dependency.Sentence)];
            string[] after = [.. path[(i + 1)..].Select(step => step.Dependency.Sentence)];
            path[i].Dependency.Conflict ??= [.. after, closing, .. before];
        }
    }

    /// <summary>
    /// The shortest way from one to another on which somebody waits, without the steps to parts. Each node is visited at most twice: with
    /// and without a wait on the way to it.
    /// </summary>
    private static List<Step>? FindPath(DependencyNode from, DependencyNode to)
    {
        var first = new Step(from, Waits: from.IsWaitedFor, null!, null);
        HashSet<(DependencyNode, bool)> seen = [(first.Node, first.Waits)];
        Queue<Step> due = new([first]);
        while (due.TryDequeue(out Step? step))
        {
            if (ReferenceEquals(step.Node, to) && step.Waits)
                return step.FromFirst();
            foreach (DependencyNode part in step.Node.Parts)
                Visit(step with { Node = part });
            foreach ((DependencyNode node, Dependency dependency) in step.Node.Dependencies)
                Visit(new Step(node, step.Waits || node.IsWaitedFor, dependency, step));
        }

        return null;

        void Visit(Step step)
        {
            if (seen.Add((step.Node, step.Waits)))
                due.Enqueue(step);
        }
    }

    private sealed record Step(DependencyNode Node, bool Waits, Dependency Dependency, Step? Former)
    {
        public List<Step> FromFirst()
        {
            List<Step> steps = [];
            for (Step? step = this; step?.Former is not null; step = step.Former)
                steps.Add(step);
            steps.Reverse();
            return steps;
        }
    }
}
