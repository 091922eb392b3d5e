using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace MmuNotifier.Registration.Tests;

/// <summary>Keeps what is logged; throws afterwards, if it is to.</summary>
internal sealed class RecordingLogger : ILogger
{
    public ConcurrentQueue<(LogLevel Level, int Id, string Message, Exception? Exception)> Messages { get; } = [];

    public bool Throws { get; init; }

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        Messages.Enqueue((logLevel, eventId.Id, formatter(state, exception), exception));
        if (Throws)
            throw new InvalidOperationException();
    }
}
