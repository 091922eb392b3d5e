using System.Diagnostics;

namespace MmuNotifier;

/// <summary>
/// Invalidations that are still open when the thread that started them has ended. Another thread may be about to end them, so it is a
/// warning and no exception; and there is nobody to throw to.
/// </summary>
internal static class OpenScopes
{
    /// <summary>Called on the finalizer's thread, so trace listeners are called on another one.</summary>
    public static void TellOf(IEnumerable<AddressRange> ranges)
    {
        foreach (AddressRange range in ranges)
            ThreadPool.UnsafeQueueUserWorkItem(static range => Tell(range), range, preferLocal: false);
    }

    private static void Tell(AddressRange range)
    {
        try
        {
            Trace.TraceWarning(
                $"The thread that started the invalidation of {range} has ended, and the invalidation is still open. Unless another "
                    + "thread ends "
                + "it, whoever reads there waits for ever: see docs/misuse.md.");
        }
        catch (Exception)
        {
            // A listener that throws: no caller could get the exception.
        }
    }
}
