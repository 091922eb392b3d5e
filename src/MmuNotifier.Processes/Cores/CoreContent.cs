namespace MmuNotifier.Processes;

/// <summary>Where the content of a mapping comes from.</summary>
internal enum CoreContent
{
    /// <summary>It has none in the core: nobody can read it, or nobody should.</summary>
    None,

    /// <summary>Pages that exist; all others are zeros.</summary>
    Memory,

    /// <summary>Pages that exist; all others are those of the file.</summary>
    MemoryAndFile,
}
