using System.Diagnostics;
using System.Globalization;
using MmuNotifier.Caching.Redis.Tests.Servers;

namespace MmuNotifier.Caching.Redis.Tests.Processes;

/// <summary>
/// Three processes over a server and a database. Nodes are killed and stopped, connections are cut and held, the server is killed and
/// started again; an oracle looks at every lookup. MMUN_CHAOS_SECONDS makes it longer, MMUN_CHAOS_SEED other; eng/cachechaos.sh runs it
/// for an hour.
/// </summary>
public sealed class ChaosTests(ITestOutputHelper output) : IDisposable
{
    private const int NodeCount = 3;
    private static readonly TimeSpan s_lease = TimeSpan.FromMilliseconds(600);
    private static readonly TimeSpan s_time = TimeSpan.FromSeconds(Setting("MMUN_CHAOS_SECONDS", 30));
    private static readonly int s_seed = Setting("MMUN_CHAOS_SEED", 1);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("mmun-chaos");
    private readonly CacheNodeProcess?[] _nodes = new CacheNodeProcess?[NodeCount];
    private readonly CuttingProxy[] _proxies = new CuttingProxy[NodeCount];
    private readonly Random _random = new(s_seed);
    private RedisServerProcess? _server;
    private int _started;

    public void Dispose()
    {
        foreach (CacheNodeProcess? node in _nodes)
            node?.Dispose();
        foreach (CuttingProxy? proxy in _proxies)
            proxy?.Dispose();
        _server?.Dispose();
        _folder.Delete(recursive: true);
    }

    [Fact]
    public void Strict_no_lookup_is_older_than_the_last_invalidation_that_had_returned() =>
        Run(RedisCoherenceMode.Strict, TimeSpan.Zero);

    [Fact]
    public void Bounded_no_lookup_is_older_than_that_by_more_than_a_lease() =>
        Run(RedisCoherenceMode.Bounded, s_lease * 1.01);

    private static int Setting(string name, int otherwise) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), CultureInfo.InvariantCulture, out int value) ? value : otherwise;

    private void Run(RedisCoherenceMode mode, TimeSpan bound)
    {
        Assert.SkipUnless(RedisServerProcess.IsInstalled, "redis-server is not installed");
        _server = new RedisServerProcess();
        for (int i = 0; i < NodeCount; i++)
        {
            _proxies[i] = new CuttingProxy(_server.Port);
            Start(i, mode);
        }

        foreach (CacheNodeProcess? node in _nodes)
            node!.WaitUntilReady();
        var faults = new SortedDictionary<string, int>();
        long start = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(start) < s_time)
        {
            string fault = Disturb(mode);
            faults[fault] = faults.GetValueOrDefault(fault) + 1;
            Pause(0.2, 1.5);
        }

        foreach (CacheNodeProcess? node in _nodes)
            node!.Finish();
        var oracle = new ChaosOracle(bound);
        for (int i = 0; i < NodeCount; i++)
            oracle.Read(EventsOf(i));
        output.WriteLine($"seed {s_seed}: {oracle.Lookups:N0} lookups, {oracle.Hits:N0} of them without a load");
        output.WriteLine($"{oracle.Changes:N0} changes");
        output.WriteLine($"{oracle.Unknown:N0} unknown outcomes; {string.Join(", ", faults.Select(each => $"{each.Value} {each.Key}"))}");
        Assert.Empty(oracle.FindStale());
        Assert.True(oracle.Hits > 100 && oracle.Changes > 20, $"{oracle.Hits} hits, {oracle.Changes} changes: that proves nothing");
    }

    private string Disturb(RedisCoherenceMode mode)
    {
        int node = _random.Next(NodeCount);
        switch (_random.Next(10))
        {
            case 0 or 1:
                _nodes[node]!.Signal("STOP");
                Pause(0.1, 2.5);
                _nodes[node]!.Signal("CONT");
                return "stopped";
            case 2:
                _nodes[node]!.Kill();
                _nodes[node]!.Dispose();
                Pause(0, 1);
                Start(node, mode);
                return "killed";
            case 3 or 4:
                _proxies[node].Cut();
                Pause(0, 2.5);
                _proxies[node].Mend();
                return "cut";
            case 5 or 6:
                _proxies[node].Hold();
                Pause(0.1, 2.5);
                _proxies[node].Continue();
                return "held";
            case 7:
                _proxies[node].Drop();
                return "dropped";
            case 8:
                _server!.Run("flushall");
                return "flushed";
            default:
                _server!.Kill();
                Pause(0, 1.5);
                _server.Start();
                return "server killed";
        }
    }

    private void Start(int node, RedisCoherenceMode mode) => _nodes[node] = new CacheNodeProcess(
        _proxies[node].Port, mode, s_lease, Path.Combine(_folder.FullName, "source.db"), EventsOf(node), s_seed + (100 * ++_started));

    private string EventsOf(int node) => Path.Combine(_folder.FullName, $"events{node}");

    private void Pause(double leastLeases, double mostLeases) =>
        Thread.Sleep(s_lease * (leastLeases + (_random.NextDouble() * (mostLeases - leastLeases))));
}
