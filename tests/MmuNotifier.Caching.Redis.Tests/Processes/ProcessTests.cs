using System.Globalization;

namespace MmuNotifier.Caching.Redis.Tests.Processes;

/// <summary>
/// Nodes in processes of their own, with real leases, over a database. MMUN_CACHE_PROCESS_RACES changes how many races there are.
/// </summary>
public sealed class ProcessTests : IDisposable
{
    private static readonly TimeSpan s_lease = TimeSpan.FromMilliseconds(500);

    private static readonly int s_races = int.TryParse(
        Environment.GetEnvironmentVariable("MMUN_CACHE_PROCESS_RACES"), CultureInfo.InvariantCulture, out int races) ? races : 300;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("mmun-cache");
    private readonly List<IDisposable> _started = [];

    public void Dispose()
    {
        foreach (IDisposable each in Enumerable.Reverse(_started))
            each.Dispose();
        _folder.Delete(recursive: true);
    }

    [Fact]
    public void A_node_that_was_stopped_for_longer_than_its_lease_serves_nothing_old_when_it_continues()
    {
        (CacheNodeProcess a, CacheNodeProcess b) = StartPair();
        for (int i = 0; i < 5; i++)
        {
            Assert.Equal("spinning", b.Ask($"spin key{i}"));
            Thread.Sleep(200);
            b.Signal("STOP");
            long returned = long.Parse(a.Ask($"change key{i} key").Split(' ')[1], CultureInfo.InvariantCulture);
            b.Signal("CONT");
            Thread.Sleep(50);
            string[] seen = b.Ask("enough").Split(' ');
            Assert.Equal("0", seen[0].Split('@')[0]);
            long lastOld = long.Parse(seen[0].Split('@')[1], CultureInfo.InvariantCulture);
            Assert.True(lastOld < returned, "a lookup that began after the invalidation had returned got the old value");
            Assert.Equal("1", a.Ask($"get key{i}"));
            Assert.Equal("1", b.Ask($"get key{i}"));
        }
    }

    [Theory]
    [InlineData("key")]
    [InlineData("tag")]
    [InlineData("prefix")]
    public void No_lookup_gets_what_another_process_invalidated_inside_a_load(string kind)
    {
        (CacheNodeProcess a, CacheNodeProcess b) = StartPair();
        for (int i = 0; i < s_races; i++)
        {
            string key = $"key{i}";
            Assert.Equal("entered", b.Ask($"hold {key}"));
            Assert.StartsWith("1 ", a.Ask($"change {key} {kind}"), StringComparison.Ordinal);
            Assert.Equal("1", b.Ask($"get {key}"));
            b.Ask("release");
            Assert.Equal("1", b.Ask($"get {key}"));
            Assert.Equal("1", a.Ask($"get {key}"));
        }
    }

    private (CacheNodeProcess A, CacheNodeProcess B) StartPair()
    {
        Assert.SkipUnless(RedisServerProcess.IsInstalled, "redis-server is not installed");
        RedisServerProcess server = Keep(new RedisServerProcess());
        string database = Path.Combine(_folder.FullName, "source.db");
        CacheNodeProcess a = Keep(new CacheNodeProcess(server.Port, RedisCoherenceMode.Strict, s_lease, database));
        a.WaitUntilReady();
        CacheNodeProcess b = Keep(new CacheNodeProcess(server.Port, RedisCoherenceMode.Strict, s_lease, database));
        b.WaitUntilReady();
        return (a, b);
    }

    private T Keep<T>(T started)
        where T : IDisposable
    {
        _started.Add(started);
        return started;
    }
}
