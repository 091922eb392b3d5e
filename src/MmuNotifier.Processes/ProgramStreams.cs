namespace MmuNotifier.Processes;

/// <summary>What the standard input, output and error of a launched program are.</summary>
public enum ProgramStreams
{
    /// <summary>Those of this process.</summary>
    Inherited,

    /// <summary>Those of this process, but what it writes to standard output goes to this process's standard error.</summary>
    OutputToError,

    /// <summary>/dev/null: it reads nothing, and what it writes is lost.</summary>
    Discarded,
}
