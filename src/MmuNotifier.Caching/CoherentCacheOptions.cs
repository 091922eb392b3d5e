using System.Diagnostics.Metrics;

namespace MmuNotifier.Caching;

/// <summary>
/// How a <see cref="CoherentCache"/> behaves. The cache validates and copies the options when it is made: a later change of the object has
/// no effect on it.
/// </summary>
public sealed record CoherentCacheOptions
{
    /// <summary>The name of the cache in metrics and logs. Not empty. Default: "default".</summary>
    public string Name { get; set; } = "default";

    /// <summary>Makes the cache's meter; null: the cache makes one of its own. Default: null; as a service, that of the services.</summary>
    public IMeterFactory? MeterFactory { get; set; }

    /// <summary>
    /// The sum of <see cref="CacheEntryOptions.Size"/> that is kept; beyond it, entries that were not looked up lately are evicted. A size
    /// is 1 unless the entry says otherwise, so this is the number of entries. 0: nothing is kept. Default: 1,000,000.
    /// </summary>
    public long SizeLimit { get; set; } = 1_000_000;

    /// <summary>
    /// How long a value is kept whose options do not say. More than 0; null: it does not expire. Default: 5 minutes, as HybridCache.
    /// </summary>
    public TimeSpan? Expiration { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>
    /// From which age on a lookup loads again in the background, for values whose options do not say. More than 0; null: never. Default:
    /// null.
    /// </summary>
    public TimeSpan? RefreshAfter { get; set; }

    /// <summary>
    /// How often one call loads a value whose names keep being invalidated while it is loaded. What the last attempt has loaded is handed
    /// over and not kept. 1 to 100. Default: 4.
    /// </summary>
    public int MaxLoadAttempts { get; set; } = 4;

    /// <summary>
    /// How many bytes a value takes at most that HybridCache serialises. A larger one is handed over and not kept. At least 0. Default:
    /// 1 MiB, as HybridCache.
    /// </summary>
    public long MaxPayloadBytes { get; set; } = 1 << 20;

    /// <summary>
    /// Characters that end a segment of a key. A prefix that ends with one of them costs what it hits. At most 16 segments of a key are
    /// told apart. May be empty. Default: ':' and '/'.
    /// </summary>
    public string PrefixSeparators { get; set; } = ":/";

    /// <summary>
    /// How often expired entries are looked for that nobody looks up any more, so that they give their memory back. 10 ms to 1 day.
    /// Default:
    /// 1 minute.
    /// </summary>
    public TimeSpan ExpirationScanInterval { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>What expiration, refreshes and scans measure time by. Order never depends on it. Default: the system's.</summary>
    public TimeProvider TimeProvider { get; set; } = TimeProvider.System;

    /// <summary>Throws if a value is out of its bounds. The cache calls it.</summary>
    /// <exception cref="ArgumentException">The name is empty, or an object is missing.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A number or a time is out of its bounds; the message says which they are.</exception>
    public void Validate()
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(Name);
        ArgumentNullException.ThrowIfNull(PrefixSeparators);
        ArgumentNullException.ThrowIfNull(TimeProvider);
        ArgumentOutOfRangeException.ThrowIfNegative(SizeLimit);
        ArgumentOutOfRangeException.ThrowIfNegative(MaxPayloadBytes);
        RequireSpan(Expiration, nameof(Expiration));
        RequireSpan(RefreshAfter, nameof(RefreshAfter));
        Require(MaxLoadAttempts is >= 1 and <= 100, nameof(MaxLoadAttempts), MaxLoadAttempts, "There are 1 to 100 attempts.");
        Require(
            ExpirationScanInterval >= TimeSpan.FromMilliseconds(10) && ExpirationScanInterval <= TimeSpan.FromDays(1),
            nameof(ExpirationScanInterval),
            ExpirationScanInterval,
            "Scans are 10 ms to 1 day apart.");
    }

    internal static void RequireSpan(TimeSpan? span, string name) => Require(
        span is not { } given || given == Timeout.InfiniteTimeSpan || given > TimeSpan.Zero,
        name,
        span,
        "The time is more than 0, or infinite.");

    private static void Require(bool isRight, string name, object? value, string message)
    {
        if (!isRight)
            throw new ArgumentOutOfRangeException(name, value, message);
    }
}
