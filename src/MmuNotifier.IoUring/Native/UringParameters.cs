using System.Runtime.InteropServices;

namespace MmuNotifier.IoUring.Native;

/// <summary>struct io_uring_params.</summary>
[StructLayout(LayoutKind.Explicit, Size = 120)]
internal struct UringParameters
{
    internal const uint OneMapping = 1;

    [FieldOffset(0)]
    internal uint SubmissionEntries;

    [FieldOffset(4)]
    internal uint CompletionEntries;

    [FieldOffset(20)]
    internal uint Features;

    [FieldOffset(40)]
    internal SubmissionOffsets Submission;

    [FieldOffset(80)]
    internal CompletionOffsets Completion;
}
