using Microsoft.Extensions.Logging;

namespace MmuNotifier.Caching;

/// <summary>What a cache logs. Nothing that hits, removals and ordinary loads do. Under no lock.</summary>
internal static partial class CacheLog
{
    [LoggerMessage(1, LogLevel.Warning, "Cache {Cache}: the load of '{Key}' in the background failed; the kept value stays.")]
    public static partial void RefreshFailed(ILogger logger, string cache, string key, Exception exception);

    [LoggerMessage(
        2,
        LogLevel.Information,
        "Cache {Cache}: '{Key}' was invalidated in each of {Attempts} loads; the value of the last one is not kept.")]
    public static partial void NotKept(ILogger logger, string cache, string key, int attempts);
}
