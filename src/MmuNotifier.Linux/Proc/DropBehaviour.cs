namespace MmuNotifier.Linux;

/// <summary>Where the pages of a mapping come from, which decides what remains in the page table when they are dropped.</summary>
internal enum DropBehaviour
{
    /// <summary>Private and anonymous: dropping empties the entry.</summary>
    Anonymous,

    /// <summary>Private, of a file: dropping an armed page leaves a marker, and the next touch maps the page of the file.</summary>
    PrivateFile,

    /// <summary>Shared: dropping an armed page leaves a marker, and the next touch maps the same page again, still protected.</summary>
    Shared,
}
