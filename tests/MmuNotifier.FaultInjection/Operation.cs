namespace MmuNotifier.FaultInjection;

/// <summary>One of the main operations, from nothing to nothing: what it has opened is closed when it returns.</summary>
internal abstract class Operation : IDisposable
{
    internal abstract string Name { get; }

    /// <summary>
    /// Runs it. The injector is armed while calls may fail, and disarmed before the end is looked at: what is said to be right must be
    /// right.
    /// </summary>
    /// <returns>What is wrong; null if nothing is. That a call has failed, and is reported, is not wrong.</returns>
    internal abstract string? Run(Injector injector, FaultCase? faultCase);

    /// <summary>Whether nothing of it is left, in this process or in a target.</summary>
    internal virtual string? FindHarm() => null;

    public virtual void Dispose()
    {
    }

    /// <summary>What a user gets to see must be one line.</summary>
    protected static string? CheckMessage(string message) =>
        message.Length == 0 || message.Contains('\n', StringComparison.Ordinal) ? $"not one line: {message}" : null;
}
