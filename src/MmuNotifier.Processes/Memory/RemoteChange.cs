using MmuNotifier.Linux;

namespace MmuNotifier.Processes;

/// <summary>One thing for the thread that invalidates to do; in the order in which the events were read.</summary>
/// <param name="Kind">What.</param>
/// <param name="Range">Where.</param>
/// <param name="Event">What is reported, of a change.</param>
/// <param name="Removed">Pages of devices that went with it; they are freed when the devices have been notified.</param>
internal readonly record struct RemoteChange(
    RemoteChangeKind Kind, AddressRange Range, InvalidationEvent Event = default, List<TakenPage>? Removed = null);
