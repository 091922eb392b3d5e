namespace MmuNotifier.Hmm.Drivers.Stress;

/// <summary>What a mapping lets happen to a page, as the oracle knows it.</summary>
internal enum PageAccess : ulong
{
    /// <summary>Nothing is mapped, or without any permission, or beyond the end of the file.</summary>
    None,

    /// <summary>Reads.</summary>
    Read,

    /// <summary>Reads and writes.</summary>
    Write,
}
