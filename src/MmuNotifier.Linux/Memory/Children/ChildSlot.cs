using System.Runtime.InteropServices;

namespace MmuNotifier.Linux;

/// <summary>What a child and this process say to each other, in memory that both share. <see cref="ChildCode"/> knows the layout.</summary>
[StructLayout(LayoutKind.Explicit, Size = SizeBytes)]
internal unsafe struct ChildSlot
{
    internal const int SizeBytes = 256;
    internal const int TextBytes = SizeBytes - 104;

    /// <summary>The child waits, and the answer is there.</summary>
    internal const uint Answered = 0;

    /// <summary>The child is to make the call.</summary>
    internal const uint Asked = 1;

    /// <summary>A futex. This process writes Asked after the call's number and arguments, the child Answered after the result.</summary>
    [FieldOffset(0)]
    internal uint State;

    /// <summary>The number of the call, then its result.</summary>
    [FieldOffset(8)]
    internal long NumberOrResult;

    [FieldOffset(16)]
    internal fixed ulong Arguments[6];

    /// <summary>This process: when it is not the child's parent any more, it has died, and the child exits.</summary>
    [FieldOffset(64)]
    internal int ParentId;

    /// <summary>All signals: the child's mask.</summary>
    [FieldOffset(72)]
    internal ulong AllSignals;

    /// <summary>The mask of the thread that forks, for the time of the fork.</summary>
    [FieldOffset(80)]
    internal ulong SavedSignals;

    /// <summary>How often a waiting child looks for its parent: seconds, nanoseconds.</summary>
    [FieldOffset(88)]
    internal fixed long Interval[2];

    /// <summary>A path for the next call.</summary>
    [FieldOffset(104)]
    internal fixed byte Text[TextBytes];
}
