using System.Diagnostics.Tracing;

namespace MmuNotifier.Linux;

/// <summary>
/// The event source <c>MmuNotifier-Linux</c>: what a watch cannot do from the beginning, or no longer. Written under no lock.
/// </summary>
[EventSource(Name = "MmuNotifier-Linux")]
internal sealed class WatchEventSource : EventSource
{
    public static readonly WatchEventSource Log = new();

    private WatchEventSource()
    {
    }

    /// <summary>Nothing that this watch watches may be cached from here on.</summary>
    [Event(1, Level = EventLevel.Error)]
    public void WatchFailed(string reason) => WriteEvent(1, reason);

    /// <summary>mprotect, and mappings that replace others without an event, are not seen.</summary>
    [Event(2, Level = EventLevel.Warning)]
    public void RecordsMissing(string reason) => WriteEvent(2, reason);
}
