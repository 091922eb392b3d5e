namespace MmuNotifier.Processes;

/// <summary>Where pages are read.</summary>
internal enum PageSource
{
    /// <summary>The memory of the process, as it could read it itself.</summary>
    Memory,

    /// <summary>Memory that the process itself may not read.</summary>
    ProtectedMemory,

    /// <summary>The file behind the mapping: the process has not faulted the pages in.</summary>
    File,
}
