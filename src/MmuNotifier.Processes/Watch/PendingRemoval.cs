using MmuNotifier.Linux;

namespace MmuNotifier.Processes;

/// <summary>
/// What goes with a range whose pages are being removed. Its invalidation stays open until a scan finds no page there that is still
/// protected from before, or until the target has been stopped.
/// </summary>
/// <param name="DropBehaviour">What a dropped page leaves behind there.</param>
/// <param name="Invalidation">Open as long as old pages may be there.</param>
internal readonly record struct PendingRemoval(DropBehaviour DropBehaviour, InvalidationScope Invalidation);
