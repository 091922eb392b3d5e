namespace MmuNotifier.Processes;

/// <summary>How changes of a mapping are noticed.</summary>
internal enum Coverage
{
    /// <summary>Registered: events report unmapping, remapping and removal, scans report writes.</summary>
    Armed,

    /// <summary>Cannot be registered, or others can write it where no scan shows it; read again whenever it has to be right.</summary>
    Polled,

    /// <summary>
    /// Like <see cref="Polled"/>, but belongs to a userfaultfd of the program, or may: a read while it runs could raise a fault for the
    /// program to answer, and wait for the answer. Only pages that are present are read, and only while nothing of it runs.
    /// </summary>
    ReadWhenFrozen,

    /// <summary>Not mirrored, for the reason given.</summary>
    Excluded,
}
