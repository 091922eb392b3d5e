using System.Diagnostics;
using MmuNotifier.Linux;

namespace MmuNotifier.Processes;

/// <summary>
/// A range whose pages are being removed. The kernel tells of a removal before it drops the pages and never tells that it is done, so the
/// invalidation stays open until a scan finds no page there that is still protected from before, or until the target has been stopped.
/// </summary>
/// <param name="Range">What is being removed.</param>
/// <param name="DropBehaviour">What a dropped page leaves behind there.</param>
/// <param name="Invalidation">Open as long as old pages may be there.</param>
/// <param name="Since">When the event was read, in ticks of <see cref="Stopwatch"/>.</param>
internal readonly record struct PendingRemoval(
    AddressRange Range, DropBehaviour DropBehaviour, InvalidationScope Invalidation, long Since)
{
    /// <summary>Removals take microseconds, under load tens of milliseconds; MADV_FREE leaves its pages for as long as it likes.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(200);

    internal bool IsOverdue => Stopwatch.GetElapsedTime(Since) > Patience;
}
