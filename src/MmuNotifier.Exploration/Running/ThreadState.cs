namespace MmuNotifier.Exploration.Running;

internal enum ThreadState
{
    /// <summary>Can run.</summary>
    Ready,

    /// <summary>Can run when the lock that it wants is free.</summary>
    Acquiring,

    /// <summary>Waits for a pulse.</summary>
    Waiting,

    /// <summary>Can run when its condition is true.</summary>
    Watching,

    Finished,
}
