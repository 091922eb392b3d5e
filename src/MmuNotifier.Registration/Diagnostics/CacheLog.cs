using Microsoft.Extensions.Logging;

namespace MmuNotifier.Registration;

/// <summary>What a cache logs: problems, each kind under an event id of its own. Nothing that hits do.</summary>
internal static partial class CacheLog
{
    public static void Problem(ILogger logger, string cache, RegistrationProblem problem, string message, Exception? exception)
    {
        switch (problem)
        {
            case RegistrationProblem.WatchFailed:
                WatchFailed(logger, cache, message);
                break;
            case RegistrationProblem.ReleaseFailed:
                ReleaseFailed(logger, cache, message, exception);
                break;
            case RegistrationProblem.SplitFailed:
                SplitFailed(logger, cache, message, exception);
                break;
            case RegistrationProblem.NotWatchable:
                NotWatchable(logger, cache, message);
                break;
        }
    }

    [LoggerMessage(1, LogLevel.Warning, "Registration cache {Cache}: {Message}")]
    private static partial void WatchFailed(ILogger logger, string cache, string message);

    [LoggerMessage(2, LogLevel.Error, "Registration cache {Cache}: {Message}")]
    private static partial void ReleaseFailed(ILogger logger, string cache, string message, Exception? exception);

    [LoggerMessage(3, LogLevel.Warning, "Registration cache {Cache}: {Message}")]
    private static partial void SplitFailed(ILogger logger, string cache, string message, Exception? exception);

    [LoggerMessage(4, LogLevel.Information, "Registration cache {Cache}: {Message}")]
    private static partial void NotWatchable(ILogger logger, string cache, string message);
}
