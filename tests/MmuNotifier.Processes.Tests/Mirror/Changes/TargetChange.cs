namespace MmuNotifier.Processes.Tests.Mirror.Changes;

/// <summary>What happens to a target between two steps of the mirror.</summary>
public enum TargetChange
{
    /// <summary>It exits by itself.</summary>
    Exits,

    /// <summary>It is killed by SIGKILL.</summary>
    IsKilled,

    /// <summary>It is killed, and its number becomes that of a process which has nothing to do with it.</summary>
    NumberIsReused,

    /// <summary>Its main thread executes a program.</summary>
    MainThreadExecutes,

    /// <summary>Another thread executes a program.</summary>
    OtherThreadExecutes,

    /// <summary>Its main thread ends, the others keep running.</summary>
    MainThreadEnds,

    /// <summary>Another thread ends.</summary>
    OtherThreadEnds,

    /// <summary>It is stopped by SIGSTOP.</summary>
    IsStopped,

    /// <summary>Its cgroup of version 1 is frozen.</summary>
    IsFrozenByFirstVersion,

    /// <summary>Its cgroup of version 2 is frozen.</summary>
    IsFrozenBySecondVersion,

    /// <summary>It is stopped by SIGSTOP, and then its cgroup of version 1 is frozen.</summary>
    IsStoppedAndFrozen,
}
