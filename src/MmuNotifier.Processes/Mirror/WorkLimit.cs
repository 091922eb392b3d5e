using System.Diagnostics;

namespace MmuNotifier.Processes.Mirroring;

/// <summary>
/// When work on a target has to end, done or not: at a time on the session's clock, or at the user's signal. The default never
/// ends. What is left undone is found again by the next round or freeze.
/// </summary>
internal readonly struct WorkLimit(Stopwatch? clock, TimeSpan? due, CancellationToken stop)
{
    internal bool IsOver => stop.IsCancellationRequested || clock?.Elapsed >= due;
}
