namespace MmuNotifier.Exploration.Running;

internal enum ThreadState
{
    /// <summary>Can go on.</summary>
    Ready,

    /// <summary>Can go on when the lock that it wants is free.</summary>
    Acquiring,

    /// <summary>Waits for a pulse.</summary>
    Waiting,

    /// <summary>Can go on when its condition is true.</summary>
    Watching,

    Finished,
}
