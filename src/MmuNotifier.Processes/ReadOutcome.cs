namespace MmuNotifier.Processes;

/// <summary>What became of an attempt to read memory of a process.</summary>
public enum ReadOutcome
{
    /// <summary>All of it was read, and no mapping of it changed meanwhile.</summary>
    Complete,

    /// <summary>
    /// A part of it cannot be read: nothing is mapped there, or it is memory of a device, a secret (<c>memfd_secret</c>), a guard page, or
    /// a page beyond the end of its file.
    /// </summary>
    Unreadable,

    /// <summary>It was unmapped, moved or dropped during each of several attempts. Try again later, or freeze the process.</summary>
    KeepsChanging,

    /// <summary>
    /// The program may answer the page faults of this memory itself (userfaultfd), and a read could wait for it. Freeze the process, and
    /// read what is present.
    /// </summary>
    NotWhileRunning,

    /// <summary>The process has ended, or executes another program.</summary>
    Exited,
}
