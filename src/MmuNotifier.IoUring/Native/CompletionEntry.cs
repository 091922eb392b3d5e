namespace MmuNotifier.IoUring.Native;

/// <summary>struct io_uring_cqe.</summary>
internal struct CompletionEntry
{
    internal ulong UserData;
    internal int Result;
    internal uint Flags;
}
