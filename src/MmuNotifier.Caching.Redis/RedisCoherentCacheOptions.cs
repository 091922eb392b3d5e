using StackExchange.Redis;

namespace MmuNotifier.Caching.Redis;

/// <summary>
/// How a <see cref="RedisCoherentCache"/> behaves. All nodes of one cache have the same <see cref="KeyPrefix"/>, <see cref="Mode"/>, <see
/// cref="LeaseDuration"/>, <see cref="ClockDriftBound"/> and <see cref="Replicas"/>. The cache validates and copies the options when it is
/// made.
/// </summary>
public sealed record RedisCoherentCacheOptions
{
    /// <summary>
    /// How Redis is reached. The cache makes connections of its own from it: one for the log, one for values. Default: localhost.
    /// </summary>
    public ConfigurationOptions Redis { get; set; } = ConfigurationOptions.Parse("localhost");

    /// <summary>
    /// What the cache's keys in Redis begin with. Caches with other prefixes do not know each other. Not empty; without braces. Default:
    /// "mmunotifier".
    /// </summary>
    public string KeyPrefix { get; set; } = "mmunotifier";

    /// <summary>When an invalidation counts on the other nodes. Default: <see cref="RedisCoherenceMode.Bounded"/>.</summary>
    public RedisCoherenceMode Mode { get; set; } = RedisCoherenceMode.Bounded;

    /// <summary>
    /// How long a node answers from what it keeps, from when it last asked Redis for the log. It asks four times as often. It is the bound
    /// of bounded mode for a node that is cut off, and what a strict invalidation waits for such a node. 200 ms to 10 minutes. Default: 5
    /// s.
    /// </summary>
    public TimeSpan LeaseDuration { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// By how much the rates of the nodes' monotonic clocks differ at most, as a part of one. From 0, at most 0.5. Default: 0.01; clocks
    /// that NTP slews differ by less than 0.001.
    /// </summary>
    public double ClockDriftBound { get; set; } = 0.01;

    /// <summary>
    /// How many replicas the Redis server has. In strict mode each invalidation and each lease waits for all of them, and the cache does
    /// not answer from what it keeps while the server has more or fewer. 0 to 16. Default: 0, there is one server, and no failover.
    /// </summary>
    public int Replicas { get; set; }

    /// <summary>
    /// How long an invalidation tries to reach Redis before it throws <see cref="InvalidationOutcomeUnknownException"/>. In strict mode the
    /// wait for the other nodes comes on top, at most a lease and the drift. 10 ms to 10 minutes. Default: 5 s.
    /// </summary>
    public TimeSpan InvalidationTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>What lookups do on a node without a lease. Default: they load from the source.</summary>
    public RedisUnavailableBehavior WhenUnavailable { get; set; } = RedisUnavailableBehavior.LoadFromSource;

    /// <summary>
    /// How many lookups load at a time on a node without a lease, or of names that are in an open scope. Lookups of their loaders count
    /// too, but do not wait: those that find no place load all the same. From 1. Default: 64.
    /// </summary>
    public int MaxUncachedLoads { get; set; } = 64;

    /// <summary>
    /// How long such a lookup waits for its turn before it throws <see cref="RedisCacheUnavailableException"/>. 0 to 10 minutes. Default:
    /// 5 s.
    /// </summary>
    public TimeSpan UncachedLoadWait { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Whether values are kept in Redis too, for the other nodes. Default: true.</summary>
    public bool UseSecondLevel { get; set; } = true;

    /// <summary>
    /// How long Redis keeps a value at most; the <see cref="CacheEntryOptions.Expiration"/> of the call that loads it may be shorter. A
    /// node that reads it keeps it no longer than Redis. More than 0. Default: 5 minutes.
    /// </summary>
    public TimeSpan SecondLevelExpiration { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>How long a load waits for the value in Redis before it loads from the source. 1 ms to 1 minute. Default: 500 ms.</summary>
    public TimeSpan SecondLevelTimeout { get; set; } = TimeSpan.FromMilliseconds(500);

    /// <summary>
    /// How many invalidations the log in Redis and each node remember. A node that was away for more forgets everything, and a value in
    /// Redis that is older than that many is not used. 16 to 10,000,000. Default: 65,536.
    /// </summary>
    public int LogLength { get; set; } = 65_536;

    /// <summary>
    /// After which time a scope may end by itself; one whose owner has died ends then, as an invalidation. The nodes look for such scopes
    /// once in a quarter of a lease, and begin to count again when Redis has been started again. 100 ms to 1 day. Default: 30 s.
    /// </summary>
    public TimeSpan MaxScopeDuration { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// How this node keeps values. Its time provider also measures leases, and its meter factory also makes the meter of Redis.
    /// </summary>
    public CoherentCacheOptions Local { get; set; } = new();

    /// <summary>Throws if a value is out of its bounds. The cache calls it.</summary>
    /// <exception cref="ArgumentException">A text or an object is missing.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A number or a time is out of its bounds; the message says which they are.</exception>
    public void Validate()
    {
        ArgumentNullException.ThrowIfNull(Redis);
        ArgumentNullException.ThrowIfNull(Local);
        ArgumentException.ThrowIfNullOrWhiteSpace(KeyPrefix);
        if (KeyPrefix.AsSpan().ContainsAny('{', '}'))
            throw new ArgumentException("The prefix has no braces: the cache adds them, for clusters.", nameof(KeyPrefix));
        Local.Validate();
        Require(Enum.IsDefined(Mode), nameof(Mode), Mode, "There are two modes.");
        Require(Enum.IsDefined(WhenUnavailable), nameof(WhenUnavailable), WhenUnavailable, "There are two behaviors.");
        RequireTime(LeaseDuration, TimeSpan.FromMilliseconds(200), TimeSpan.FromMinutes(10), nameof(LeaseDuration));
        RequireTime(InvalidationTimeout, TimeSpan.FromMilliseconds(10), TimeSpan.FromMinutes(10), nameof(InvalidationTimeout));
        RequireTime(UncachedLoadWait, TimeSpan.Zero, TimeSpan.FromMinutes(10), nameof(UncachedLoadWait));
        RequireTime(SecondLevelExpiration, TimeSpan.FromMilliseconds(1), TimeSpan.MaxValue, nameof(SecondLevelExpiration));
        RequireTime(SecondLevelTimeout, TimeSpan.FromMilliseconds(1), TimeSpan.FromMinutes(1), nameof(SecondLevelTimeout));
        RequireTime(MaxScopeDuration, TimeSpan.FromMilliseconds(100), TimeSpan.FromDays(1), nameof(MaxScopeDuration));
        Require(ClockDriftBound is >= 0 and <= 0.5, nameof(ClockDriftBound), ClockDriftBound, "The drift is 0 to 0.5.");
        Require(Replicas is >= 0 and <= 16, nameof(Replicas), Replicas, "There are 0 to 16 replicas.");
        Require(MaxUncachedLoads >= 1, nameof(MaxUncachedLoads), MaxUncachedLoads, "At least one load at a time.");
        Require(LogLength is >= 16 and <= 10_000_000, nameof(LogLength), LogLength, "The log has 16 to 10,000,000 entries.");
    }

    private static void RequireTime(TimeSpan time, TimeSpan first, TimeSpan last, string name) =>
        Require(time >= first && time <= last, name, time, $"The time is {first} to {last}.");

    private static void Require(bool isRight, string name, object? value, string message)
    {
        if (!isRight)
            throw new ArgumentOutOfRangeException(name, value, message);
    }
}
