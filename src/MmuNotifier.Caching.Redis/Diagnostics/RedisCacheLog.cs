using Microsoft.Extensions.Logging;

namespace MmuNotifier.Caching.Redis;

/// <summary>What a node logs.</summary>
internal static partial class RedisCacheLog
{
    [LoggerMessage(1, LogLevel.Warning, "Cache {Cache}: Redis cannot be reached; what is kept is served until the lease ends.")]
    public static partial void NotReached(ILogger logger, string cache, Exception exception);

    [LoggerMessage(2, LogLevel.Information, "Cache {Cache}: Redis is reached again.")]
    public static partial void Reached(ILogger logger, string cache);

    [LoggerMessage(3, LogLevel.Critical, "Cache {Cache}: nothing is served from what is kept. {Reason}")]
    public static partial void AssumptionUnmet(ILogger logger, string cache, string reason);

    [LoggerMessage(4, LogLevel.Warning, "Cache {Cache}: the epoch was {Old} and is {New}; everything is forgotten.")]
    public static partial void EpochChanged(ILogger logger, string cache, string old, string @new);

    [LoggerMessage(
        5,
        LogLevel.Warning,
        "Cache {Cache}: the log goes from {First} to {Last}, and this node is at {Position}; everything is forgotten.")]
    public static partial void LogTrimmed(ILogger logger, string cache, long position, long first, long last);

    [LoggerMessage(
        6, LogLevel.Warning, "Cache {Cache}: wall clock and monotonic clock went apart by {Difference}; everything is forgotten.")]
    public static partial void ClockJumped(ILogger logger, string cache, TimeSpan difference);

    [LoggerMessage(7, LogLevel.Warning, "Cache {Cache}: the value of '{Key}' in Redis cannot be read; it is loaded.")]
    public static partial void ValueUnreadable(ILogger logger, string cache, string key, Exception exception);

    [LoggerMessage(8, LogLevel.Warning, "Cache {Cache}: the value of '{Key}' cannot be written to Redis.")]
    public static partial void ValueUnwritable(ILogger logger, string cache, string key, Exception exception);
}
