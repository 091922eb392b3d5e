namespace MmuNotifier.Benchmarks;

/// <summary>What the rows are called; results of different days are matched by these.</summary>
internal static class RowNames
{
    internal const string Insert = "insert";
    internal const string Remove = "remove";
    internal const string HitOne = "start+end, hits 1";
    internal const string HitNone = "start+end, hits none";
    internal const string HitMany = "start+end, hits 64 neighbours";
    internal const string HitOneAfterRead = "start+end, hits 1, after a read section on it";
    internal const string HitManyAfterReads = "start+end, hits 64 neighbours, after a read section on each";
    internal const string Read = "ReadBegin + Retry";
    internal const string TwoThreads = "two threads, disjoint ranges";
    internal const string ReaderBesideFar = "reader on Y beside invalidator of X, far apart";
    internal const string ReaderBesideNear = "reader on Y beside invalidator of X, neighbours";
    internal const string ReaderGapless = "starvation: ReadBegin on Y, gapless stream on X1, X2";
    internal const string ReaderNatural = "starvation: ReadBegin on Y, natural streams, hold 100 µs";
    internal const string RemoverGapless = "starvation: Remove of Y, gapless stream on X1, X2";
    internal const string RemoverNatural = "starvation: Remove of Y, natural streams, hold 100 µs";
    internal const string PileUp = "starvation: insert, gapless stream on X1, X2";
    internal const string PileUpPending = "starvation: insertions without effect while the stream goes on";
    internal const string RetriesPart = "precise retry: 1 GiB notifier, section names its part";
    internal const string RetriesWhole = "precise retry: 1 GiB notifier, section over all of it";
    internal const string BytesNotifier = "memory: an inserted notifier";
    internal const string BytesActive = "memory: an active invalidation";
    internal const string BytesInvalidation = "allocated by start+end, hits 1";
    internal const string BytesInvalidationMany = "allocated by start+end, hits 64 neighbours";
    internal const string BytesRead = "allocated by ReadBegin + Retry";
}
