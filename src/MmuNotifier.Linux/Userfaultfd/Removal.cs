namespace MmuNotifier.Linux;

/// <summary>A removal of pages that may not be over; see <see cref="RemovalTracker{TState}"/>.</summary>
/// <param name="Range">Where pages may still go.</param>
/// <param name="Number">Counts up from 1, in the order in which the events were read.</param>
/// <param name="NotedAt">When the event was read, in ticks of the tracker's clock.</param>
/// <param name="ResumedAt">When its caller was first known to have resumed; null: it may be waiting yet.</param>
/// <param name="State">What its tracker's owner knows of it.</param>
internal readonly record struct Removal<TState>(AddressRange Range, long Number, long NotedAt, long? ResumedAt, TState State);
