using MmuNotifier.Linux;

namespace MmuNotifier.IoUring.Native;

/// <summary>struct io_uring_rsrc_update2.</summary>
internal unsafe struct BufferUpdate
{
    internal uint FirstSlot;
    internal uint Reserved;
    internal IoVector* Buffers;
    internal ulong* Tags;
    internal uint Count;
    internal uint Reserved2;
}
