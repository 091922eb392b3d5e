namespace MmuNotifier.Processes;

/// <summary>What a look at a tracee found.</summary>
internal enum TraceeState
{
    /// <summary>It runs, or is on its way to a stop.</summary>
    Running,

    /// <summary>The stop asked for by PTRACE_INTERRUPT, or a group stop (SIGSTOP and the like).</summary>
    EventStop,

    /// <summary>About to take a signal, which is given to it when it is resumed, or lost.</summary>
    SignalStop,

    /// <summary>At the entry or the exit of a system call.</summary>
    SyscallStop,

    /// <summary>Inside execve, the new program in place.</summary>
    ExecStop,

    /// <summary>Exited, or no longer ours.</summary>
    Gone,
}

/// <summary>A tracee's state, and the signal it is about to take in <see cref="TraceeState.SignalStop"/>.</summary>
internal readonly record struct TraceeStop(TraceeState State, int Signal)
{
    internal bool IsStopped => State is not TraceeState.Running and not TraceeState.Gone;
}
