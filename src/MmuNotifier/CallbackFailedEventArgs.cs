namespace MmuNotifier;

/// <summary>Tells of an exception of user code that could not be thrown to anybody.</summary>
public sealed class CallbackFailedEventArgs : EventArgs
{
    internal CallbackFailedEventArgs(Notifier notifier, Exception exception)
    {
        Notifier = notifier;
        Exception = exception;
    }

    /// <summary>The notifier whose callback, second step, whole-space end or <see cref="Notifier.Released"/> threw.</summary>
    public Notifier Notifier { get; }

    /// <summary>What it threw.</summary>
    public Exception Exception { get; }
}
