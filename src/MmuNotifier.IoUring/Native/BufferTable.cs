namespace MmuNotifier.IoUring.Native;

/// <summary>struct io_uring_rsrc_register.</summary>
internal struct BufferTable
{
    /// <summary>All slots empty at first.</summary>
    internal const uint Sparse = 1;

    internal uint Count;
    internal uint Flags;
    internal ulong Reserved;
    internal ulong Buffers;
    internal ulong Tags;
}
