namespace MmuNotifier.Benchmarks.Cores;

/// <summary>
/// Cores of targets of several sizes and loads: how long a thread of the target did not get on over the whole command, measured by the
/// target, beside gcore (C) and dotnet-dump (.NET) on the same target.
/// </summary>
/// <param name="mmun">The tool of this project.</param>
/// <param name="runs">Cores of each target by it.</param>
/// <param name="peerRuns">Cores of each target by a peer.</param>
/// <param name="folder">Where the cores are written, and removed again.</param>
internal sealed class CoreBenchmark(CoreTool mmun, int runs, int peerRuns, string folder)
{
    private const int UntilNotedMilliseconds = 50;

    internal static IReadOnlyList<CoreLoad> Loads { get; } =
    [
        .. from isManaged in new[] { false, true }
           from size in new[] { 64, 1024, 4096 }
           from writes in new[] { 0, 0.01, CoreLoad.Everything }
           select new CoreLoad(isManaged, size, writes),
        new(IsManaged: false, 1024, 0.01, 5_000),
        new(IsManaged: false, 1024, 0.01, 32_000),
    ];

    internal IEnumerable<CoreRow> Measure(CoreLoad load)
    {
        using var target = new CoreTarget(load);
        yield return Measure(load, target, mmun, runs);
        CoreTool peer = load.IsManaged ? CoreTool.DotnetDump : CoreTool.Gcore;
        if (peer.IsThere && peerRuns > 0)
            yield return Measure(load, target, peer, peerRuns);
    }

    private CoreRow Measure(CoreLoad load, CoreTarget target, CoreTool tool, int count)
    {
        var results = new List<CoreRun>();
        var gaps = new List<double>();
        var controls = new List<double>();
        for (int i = 0; i < count; i++)
        {
            DirectoryInfo own = Directory.CreateDirectory(Path.Combine(folder, $"mmun-bench-core-{Environment.ProcessId}"));
            try
            {
                target.TakeGap();
                CoreRun run = tool.Take(target.ProcessId, own.FullName);
                Thread.Sleep(UntilNotedMilliseconds); // The thread that was held up may not have looked at the clock yet.
                gaps.Add(target.TakeGap().Gap);
                results.Add(run);
                Thread.Sleep(run.Time);
                controls.Add(target.TakeGap().Gap);
            }
            finally
            {
                own.Delete(recursive: true);
            }
        }

        return new CoreRow(load, tool, gaps, controls, results);
    }
}
