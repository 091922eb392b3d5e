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

    /// <summary>Whether the content is with the device and the process has no page.</summary>
    internal bool IsAway => State is TakenState.Private or TakenState.Exclusive && Transit != PageTransit.Leaving;

    /// <summary>Whether it has been collected by a migration, or is being dropped: devices wait for it.</summary>
    internal bool IsMigrating => State == TakenState.Collected || Transit != PageTransit.None;
}
