namespace MmuNotifier.Linux;

/// <summary>One line of /proc/pid/maps. Last is the last byte. Device is major &lt;&lt; 20 | minor.</summary>
internal readonly record struct ProcessMapping(
    ulong Start,
    ulong Last,
    MappingProtection Protection,
    bool Shared,
    MappingKind Kind,
    ulong Offset,
    ulong Device,
    ulong Inode,
    string Name)
{
    internal ulong LengthBytes => Last - Start + 1;

    /// <summary>Whether it is the stack that the kernel extends, of the main thread.</summary>
    internal bool IsMainStack => Name == "[stack]";

    internal bool IsFileBacked => Inode != 0;

    /// <summary>Whether it is shared memory that no descriptor leads to: it is changed through mappings only.</summary>
    internal bool HasNoDescriptor =>
        Kind is MappingKind.SharedAnonymous or MappingKind.SystemVSharedMemory or MappingKind.AnonymousHugePages;

    internal bool Contains(ulong address) => address >= Start && address <= Last;

    /// <summary>
    /// Whether userfaultfd refuses this mapping for what it is. A droppable mapping is not recognized by its name, only by the refusal.
    /// </summary>
    internal bool IsKernelOwned => Kind is MappingKind.Vvar or MappingKind.Vdso or MappingKind.Vsyscall or MappingKind.KernelSpecial;

    /// <summary>What dropping a page of this mapping leaves behind.</summary>
    internal DropBehaviour DropBehaviour => Shared
        ? DropBehaviour.Shared
        : IsFileBacked ? DropBehaviour.PrivateFile : DropBehaviour.Anonymous;
}
