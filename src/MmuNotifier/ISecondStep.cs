namespace MmuNotifier;

/// <summary>
/// The second half of a callback that works in two passes: the first halves of all notifiers start their hardware invalidations, then
/// the second halves wait for them (<c>invalidate_finish</c> in Linux).
/// </summary>
public interface ISecondStep
{
    /// <summary>
    /// Finishes what the callback began. Runs on the thread that started the invalidation, under no lock of the engine. It cannot
    /// refuse; if the invalidation is not blockable it must not sleep. An exception is treated like one of the callback.
    /// </summary>
    /// <param name="invalidation">The same as the callback got.</param>
    void Finish(in Invalidation invalidation);
}
