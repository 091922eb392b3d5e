namespace MmuNotifier;

/// <summary>
/// Callbacks threw while an invalidation that may still be refused was started. Every other callback was called, the invalidation is
/// closed and nothing stays open; the change that it announced must not be made.
/// </summary>
public sealed class InvalidationFailedException : AggregateException
{
    internal InvalidationFailedException(AddressRange range, IEnumerable<Exception> innerExceptions)
        : base(
            $"A callback threw while the invalidation of {range} was started; the invalidation is closed, do not make the change.",
            innerExceptions)
    {
    }
}
