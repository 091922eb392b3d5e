using MmuNotifier.Hmm;

namespace MmuNotifier.Simulation;

/// <summary>One entry of a page table.</summary>
internal readonly record struct Pte
{
    public ulong Frame { get; init; }

    public PageState State { get; init; }

    /// <summary>While it migrates: what it was before, and becomes again if it does not move.</summary>
    public PageState Before { get; init; }

    public bool IsWritable { get; init; }

    /// <summary>0, or 9 for a huge entry, of which this is one page.</summary>
    public byte Order { get; init; }

    /// <summary>Whether it holds a reference on its frame.</summary>
    public bool HasFrame => State is not (PageState.None or PageState.Zero);
}
