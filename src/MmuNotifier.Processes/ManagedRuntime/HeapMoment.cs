namespace MmuNotifier.Processes;

/// <summary>The state of a .NET process's heap when it was read.</summary>
/// <param name="IsWalkable">
/// Every object can be enumerated. Final only if the process was frozen when it was read: a collection may begin at any time.
/// </param>
/// <param name="Phase">What the collector does in the background.</param>
internal readonly record struct HeapMoment(bool IsWalkable, CollectorPhase Phase);
