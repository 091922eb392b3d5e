namespace MmuNotifier.Processes;

/// <summary>Why the heap of a stopped .NET process cannot be walked, or perhaps cannot.</summary>
internal enum HeapObstacle
{
    None,

    /// <summary>A collection is under way.</summary>
    Collection,

    /// <summary>A thread may be making an object.</summary>
    Allocation,
}
