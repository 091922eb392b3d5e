namespace MmuNotifier.Benchmarks.Caches;

/// <summary>
/// What the peers took on another machine of this kind, as the project's specification quotes it: libfabric's caches are internal to it,
/// and no provider that uses them works without the hardware, so packages do not reach them. Not measured in the same run: no ratio is made
/// of them.
/// </summary>
internal sealed record PeerFigures(string LibfabricUserfaultfd, string LibfabricMemhooks, string Ucx)
{
    internal const string Conditions =
        "quoted: measured on another machine of this kind (two cores, a system call 0.9 µs, a TLB shoot-down about 40 µs), medians; not "
            + "in this run";

    private static readonly Dictionary<(string Name, long N), PeerFigures> s_figures = new()
    {
        [(PeersRowNames.HitOneThread, 1)] = new("35", "36", "27"),
        [(PeersRowNames.HitOneThread, 1000)] = new("94", "93", "30"),
        [(PeersRowNames.HitOneThread, 100_000)] = new("883", "1240", "35–67"),
        [(PeersRowNames.HitTwoThreads, 1)] = new("193", "195", "583"),
        [(PeersRowNames.HitTwoThreads, 1000)] = new("1748", "1751", "125"),
        [(PeersRowNames.HitTwoThreads, 100_000)] = new("8624", "8766", "176"),
        [(PeersRowNames.UnmapWatchedBare, 1)] = new("140 µs (bare 55)", "52 µs (bare 55)", "53–69 µs (bare 55)"),
        [(PeersRowNames.UnmapWatchedFloor, 1)] = new("140 µs (event 133)", "–", "–"),
        [(PeersRowNames.Bystander, 1000)] = new("51–57 µs", "51–57 µs", "51–57 µs"),
        [(PeersRowNames.Race("R1"), 1)] = new("0.3–2.4 %", "0", "0"),
        [(PeersRowNames.Race("R2"), 1)] = new("0.2–12 %", "0.4–5.5 %", "0.9–4.6 %"),
        [(PeersRowNames.Race("R3"), 1)] = new("0–0.03 %", "11–31 %", "0–1 %"),
    };

    /// <summary>Null if nothing is quoted for the row.</summary>
    internal static PeerFigures? Of(Row row) => s_figures.GetValueOrDefault((row.Name, row.N));
}
