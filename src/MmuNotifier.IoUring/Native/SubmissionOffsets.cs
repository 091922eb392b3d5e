namespace MmuNotifier.IoUring.Native;

/// <summary>struct io_sqring_offsets: where things are in the mapping of the submission ring, in bytes.</summary>
internal struct SubmissionOffsets
{
    internal uint Head;
    internal uint Tail;
    internal uint Mask;
    internal uint Entries;
    internal uint Flags;
    internal uint Dropped;
    internal uint Array;
    internal uint Reserved;
    internal ulong UserAddress;
}
