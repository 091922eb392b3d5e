using Microsoft.Extensions.Logging;

namespace MmuNotifier.Registration.Tests;

public sealed class CacheLogTests : CacheTest
{
    private readonly RecordingLogger _log = new();

    [Fact]
    public void Failure_of_the_watch_is_logged_once_with_its_reason_and_the_name_of_the_cache()
    {
        RegistrationCache<Pin> cache = Make(new RegistrationCacheOptions { Name = "nic" }, _log);
        Watch.Failure = "userfaultfd answers NotPermitted";
        for (int i = 0; i < 5; i++)
            GetAndPut(cache, Pages(1, 1));

        (LogLevel level, int id, string message, Exception? exception) = Assert.Single(_log.Messages);
        Assert.Equal((LogLevel.Warning, 1, null), (level, id, exception));
        Assert.StartsWith("Registration cache nic: ", message, StringComparison.Ordinal);
        Assert.EndsWith("userfaultfd answers NotPermitted", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Memory_that_cannot_be_watched_is_logged_once_for_each_range()
    {
        RegistrationCache<Pin> cache = Make(logger: _log);
        Watch.Covers = _ => false;
        for (ulong i = 0; i < 8; i++)
            GetAndPut(cache, Pages(1 + (i % 2), 1));

        Assert.Equal([(LogLevel.Information, 4), (LogLevel.Information, 4)], _log.Messages.Select(message => (message.Level, message.Id)));
        Assert.Contains("[0x1000, 0x1fff]", _log.Messages.First().Message, StringComparison.Ordinal);
        Assert.Contains("[0x2000, 0x2fff]", _log.Messages.Last().Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Ranges_that_cannot_be_watched_are_logged_up_to_a_limit_that_the_log_tells()
    {
        RegistrationCache<Pin> cache = Make(logger: _log);
        Watch.Covers = _ => false;
        for (ulong i = 0; i < 1100; i++)
            GetAndPut(cache, Pages(1 + i, 1));
        Assert.Equal(1001, _log.Messages.Count);
        Assert.EndsWith("Other ranges will not be reported.", _log.Messages.Last().Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Release_that_throws_is_logged_each_time_with_what_it_threw()
    {
        RegistrationCache<Pin> cache = Make(logger: _log);
        var thrown = new InvalidOperationException("busy");
        Provider.OnRelease = _ => throw thrown;
        for (int i = 0; i < 2; i++)
        {
            GetAndPut(cache, Pages(1, 1));
            cache.Clear();
        }

        Assert.Equal(
            [(LogLevel.Error, 2, thrown), (LogLevel.Error, 2, thrown)],
            _log.Messages.Select(message => (message.Level, message.Id, message.Exception)));
    }

    [Fact]
    public void Hits_and_misses_log_nothing()
    {
        RegistrationCache<Pin> cache = Make(logger: _log);
        for (int i = 0; i < 10; i++)
            GetAndPut(cache, Pages(1, 1));
        Watch.Announce(Pages(1, 1));
        GetAndPut(cache, Pages(1, 1));
        Assert.Empty(_log.Messages);
    }

    [Fact]
    public void Logger_that_throws_does_no_harm_and_the_event_is_raised_all_the_same()
    {
        var log = new RecordingLogger { Throws = true };
        RegistrationCache<Pin> cache = Make(logger: log);
        int raised = 0;
        cache.ProblemOccurred += (_, _) => raised++;
        Watch.Failure = "gone";
        GetAndPut(cache, Pages(1, 1));
        Assert.Equal((1, 1), (log.Messages.Count, raised));
    }
}
