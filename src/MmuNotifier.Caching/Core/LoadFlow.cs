namespace MmuNotifier.Caching;

/// <summary>
/// Which load's loader the code at hand runs for, and which loads wait for which: a loader that asks for its own key, directly or through
/// loads of other keys, would wait for itself for ever, and gets an exception instead.
/// </summary>
/// <remarks>
/// Code that suppresses the flow of the execution context is not seen. Only callers inside a loader come here with a lock: it is the
/// innermost one.
/// </remarks>
internal static class LoadFlow
{
    private static readonly AsyncLocal<Load?> s_current = new();
    private static readonly Lock s_lock = new();

    /// <summary>The load whose loader runs here; null outside of loaders.</summary>
    public static Load? Current => s_current.Value;

    /// <summary>Until the calling async method returns.</summary>
    public static void Enter(Load load) => s_current.Value = load;

    /// <summary>Before a load waits for another one.</summary>
    /// <returns>False if the other one waits for it, perhaps through others.</returns>
    public static bool TryWait(Load? waiting, Load target)
    {
        if (waiting is null)
            return true;
        lock (s_lock)
        {
            if (Reaches(target, waiting))
                return false;
            (waiting.WaitsFor ??= []).Add(target);
            return true;
        }
    }

    public static void EndWait(Load? waiting, Load target)
    {
        if (waiting is null)
            return;
        lock (s_lock)
            waiting.WaitsFor!.Remove(target);
    }

    /// <remarks>Without recursion: chains of loads can be longer than a stack.</remarks>
    private static bool Reaches(Load from, Load to)
    {
        HashSet<Load> seen = [from];
        Stack<Load> pending = new(seen);
        while (pending.TryPop(out Load? next))
        {
            if (ReferenceEquals(next, to))
                return true;
            foreach (Load awaited in next.WaitsFor ?? [])
            {
                if (seen.Add(awaited))
                    pending.Push(awaited);
            }
        }

        return false;
    }
}
