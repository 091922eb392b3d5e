namespace MmuNotifier.Exploration;

/// <summary>
/// Something that two to four threads do together. A factory makes a new one for every schedule; setup and check run outside of the
/// threads, alone, and see the newest values.
/// </summary>
internal abstract class Scenario
{
    public virtual string Name => GetType().Name;

    /// <summary>Makes the shared state and returns what each thread does.</summary>
    protected abstract IEnumerable<Action> Setup();

    /// <summary>After all threads have ended: throws (or <see cref="Explore.Assert"/>) if the outcome is wrong.</summary>
    public virtual void Check()
    {
    }

    /// <summary>The threads with their names: that of the method, or T1, T2, … for a lambda.</summary>
    public IEnumerable<(string Name, Action Body)> GetThreads()
    {
        List<string> names = [];
        foreach (Action body in Setup())
        {
            string name = body.Method.Name.Contains('<', StringComparison.Ordinal) ? $"T{names.Count + 1}" : body.Method.Name;
            if (names.Contains(name))
                name = $"{name} {names.Count + 1}";
            names.Add(name);
            yield return (name, body);
        }
    }
}
