namespace MmuNotifier.Exploration.Model;

/// <summary>What one thread has seen.</summary>
internal sealed class ThreadViews
{
    /// <summary>What its reads must not go back behind.</summary>
    public View Current { get; } = new();

    /// <summary>
    /// At least <see cref="Current"/>, and the views of messages that it read without acquire: a fence makes them current.
    /// </summary>
    public View Acquired { get; } = new();

    /// <summary>What was current at its last fence: what its relaxed writes carry.</summary>
    public View Fenced { get; } = new();

    public void StartFrom(View seen)
    {
        Current.CopyFrom(seen);
        Acquired.CopyFrom(seen);
        Fenced.CopyFrom(seen);
    }

    public void See(int location, int time)
    {
        Current.Raise(location, time);
        Acquired.Raise(location, time);
    }

    public void Acquire(View released)
    {
        Current.Join(released);
        Acquired.Join(released);
    }

    /// <summary>A full fence: joins with all full fences before it, both ways.</summary>
    public void Fence(View fences)
    {
        fences.Join(Acquired);
        Current.CopyFrom(fences);
        Acquired.CopyFrom(fences);
        Fenced.CopyFrom(fences);
    }
}
