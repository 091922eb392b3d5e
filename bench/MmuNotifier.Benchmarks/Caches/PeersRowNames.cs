namespace MmuNotifier.Benchmarks.Caches;

/// <summary>What the rows are called; results of different days are matched by these.</summary>
internal static class PeersRowNames
{
    internal const string HitOneThread = "get + put, cached, one thread";
    internal const string HitTwoThreads = "get + put, cached, two threads";
    internal const string HitInOrder = "get + put, cached, one thread, in address order";
    internal const string HitAssuming = "get + put, cached, option AssumeNoForeignRemap, one thread";
    internal const string HitAssumingTwoThreads = "get + put, cached, option AssumeNoForeignRemap, two threads";
    internal const string HitAssumingInOrder = "get + put, cached, option AssumeNoForeignRemap, one thread, in address order";
    internal const string HitBytes = "allocated by a hit";
    internal const string CaughtUp = "get + put, cached, just after a mapping elsewhere";
    internal const string ShareCaughtUp = "share of the hits that had to look what has changed";
    internal const string VerifyOnHit = "get + put, cached, option VerifyOnHit";
    internal const string Miss = "get + put, miss";
    internal const string UnmapWatchedBare = "munmap of 64 KiB, registered; against bare";
    internal const string UnmapWatchedFloor = "munmap of 64 KiB, registered; against the event alone";
    internal const string UnmapWatchedUcx = "munmap of 64 KiB, registered; against UCX";
    internal const string UnmapUcxBare = "UCX's munmap of 64 KiB, registered; against bare in a C program";
    internal const string Bystander = "munmap of 64 KiB, a bystander's; against bare";

    internal static string Race(string name) => name switch
    {
        "R1" => "stale hits, R1: another thread maps the address anew",
        "R1-grow" => "stale hits, R1: a neighbour of another thread grows there",
        "R1-move" => "stale hits, R1: another thread moves memory there",
        "R2" => "stale hits, R2: madvise(DONTNEED)",
        "R3" => "stale hits, R3: munmap, mmap",
        "R4" => "stale hits, R4: shmat over it",
        _ => $"stale hits, {name}",
    };
}
