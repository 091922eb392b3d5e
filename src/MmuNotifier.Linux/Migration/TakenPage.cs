using MmuNotifier.Hmm;

namespace MmuNotifier.Linux;

/// <summary>What <see cref="TakenPages"/> knows of a page.</summary>
/// <param name="State">Where it is, or where it goes.</param>
/// <param name="Frame">Its frame of the device; 0 while it is collected.</param>
/// <param name="Memory">The memory of that frame; null while it is collected.</param>
/// <param name="Transit">Whether it is on its way.</param>
internal readonly record struct TakenPage(TakenState State, ulong Frame, DeviceMemory? Memory, PageTransit Transit = PageTransit.None)
{
    internal static TakenPage Collected => new(TakenState.Collected, 0, null);

    /// <summary>
    /// Logarithm of the pages of the entry: 0, or 9 for one that is a whole huge page; then it is about the page that was asked for, or
    /// about the first one in what lists entries.
    /// </summary>
    internal byte Order { get; init; }

    /// <summary>Whether the content is with the device and the process has no page.</summary>
    internal bool IsAway => State is TakenState.Private or TakenState.Exclusive && Transit != PageTransit.Leaving;

    /// <summary>Whether it has been collected by a migration, or is being dropped: devices wait for it.</summary>
    internal bool IsMigrating => State == TakenState.Collected || Transit != PageTransit.None;

    /// <summary>The same of the page with this number in the block of which this is the entry.</summary>
    internal TakenPage At(ulong number) => State == TakenState.Collected ? this : this with { Frame = Frame + number };

    /// <summary>Frees the frames of an entry that has been removed.</summary>
    internal void Free()
    {
        for (ulong i = 0; i < 1UL << Order; i++)
            Memory?.Free(Frame + i);
    }
}
