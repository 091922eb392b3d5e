namespace MmuNotifier.Caching.Redis.Tests.Model;

/// <summary>Visits every state that can be reached, breadth first, so that a counterexample is a shortest one.</summary>
internal static class StateSearch
{
    /// <param name="initial">Where it begins.</param>
    /// <param name="next">All steps from a state, each with its name.</param>
    /// <param name="isStale">What must never be so.</param>
    /// <returns>The steps to the first stale read; null if there is none. And how many states there are.</returns>
    public static (IReadOnlyList<string>? Steps, int States) Run<TState>(
        TState initial, Func<TState, IEnumerable<(string Step, TState State)>> next, Func<TState, bool> isStale)
        where TState : struct, IEquatable<TState>
    {
        var known = new HashSet<TState> { initial };
        var states = new List<TState> { initial };
        var reachedBy = new List<(int From, string Step)> { (0, "") };
        for (int from = 0; from < states.Count; from++)
        {
            foreach ((string step, TState reached) in next(states[from]))
            {
                if (!known.Add(reached))
                    continue;
                states.Add(reached);
                reachedBy.Add((from, step));
                if (isStale(reached))
                    return (StepsTo(states.Count - 1, reachedBy), states.Count);
            }
        }

        return (null, states.Count);
    }

    private static List<string> StepsTo(int state, List<(int From, string Step)> reachedBy)
    {
        var steps = new List<string>();
        for (; state != 0; state = reachedBy[state].From)
            steps.Add(reachedBy[state].Step);
        steps.Reverse();
        return steps;
    }
}
