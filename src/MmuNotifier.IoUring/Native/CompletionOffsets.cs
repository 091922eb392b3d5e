namespace MmuNotifier.IoUring.Native;

/// <summary>struct io_cqring_offsets: where things are in the mapping of the completion ring, in bytes.</summary>
internal struct CompletionOffsets
{
    internal uint Head;
    internal uint Tail;
    internal uint Mask;
    internal uint Entries;
    internal uint Overflow;
    internal uint CompletionEntries;
    internal uint Flags;
    internal uint Reserved;
    internal ulong UserAddress;
}
