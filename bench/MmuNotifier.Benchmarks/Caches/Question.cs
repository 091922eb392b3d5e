namespace MmuNotifier.Benchmarks.Caches;

/// <summary>What a side may be asked, each with its numbers. <c>ucx_side.c</c> knows the first five.</summary>
internal static class Question
{
    /// <summary>
    /// Get and put of cached regions: how many, by how many threads, for how many milliseconds. Nanoseconds a thread and operation.
    /// </summary>
    internal const string Hit = "hit";

    /// <summary>The same from the first region to the last and round again, not in a random order.</summary>
    internal const string HitInOrder = "hit-in-order";

    /// <summary>The first get and put of a region: how many. Nanoseconds, the median.</summary>
    internal const string Miss = "miss";

    /// <summary>munmap of 64 KiB touched memory that is not registered: how many. Nanoseconds, the median.</summary>
    internal const string Unmap = "munmap";

    /// <summary>The same of memory that is registered, or watched.</summary>
    internal const string UnmapWatched = "munmap-watched";

    /// <summary>
    /// Get and put just after a mapping was made elsewhere, so that what has changed must be looked up: how many. Nanoseconds, the median.
    /// </summary>
    internal const string CaughtUp = "caught-up";

    /// <summary>
    /// Get and put of cached regions: how many, by how many threads, for how many milliseconds. Percent of them that had to look what has
    /// changed.
    /// </summary>
    internal const string ShareCaughtUp = "share-caught-up";

    /// <summary>Heap bytes that a hit allocates on its thread; numbers as <see cref="Hit"/>.</summary>
    internal const string HitBytes = "hit-bytes";

    /// <summary>Ends the watch and the cache until something else is asked that needs them. 0.</summary>
    internal const string End = "end";
}
