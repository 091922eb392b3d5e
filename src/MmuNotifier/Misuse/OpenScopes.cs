using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace MmuNotifier;

/// <summary>
/// Invalidations that are still open when the thread that started them has ended. Another thread may be about to end them, so it is a warning
/// and no exception; and there is nobody to throw to.
/// </summary>
internal static class OpenScopes
{
    /// <summary>All address spaces that live; used where validation is on.</summary>
    private static readonly ConditionalWeakTable<AddressSpace, object> s_spaces = [];

    public static void Watch(AddressSpace space) => s_spaces.Add(space, s_spaces);

    /// <summary>On the finalizer's thread, so trace listeners are not called here.</summary>
    public static void TellOf(int thread)
    {
        foreach ((AddressSpace space, _) in s_spaces)
        {
            foreach (AddressRange range in space.FindOpenScopesOf(thread))
                ThreadPool.UnsafeQueueUserWorkItem(static range => Tell(range), range, preferLocal: false);
        }
    }

    private static void Tell(AddressRange range)
    {
        try
        {
            Trace.TraceWarning(
                $"The thread that started the invalidation of {range} has ended, and the invalidation is still open. Unless another thread ends "
                + "it, whoever reads there waits for ever: see docs/misuse.md.");
        }
        catch (Exception)
        {
            // A listener that throws: there is nobody left to tell.
        }
    }
}
