using System.Diagnostics;

namespace MmuNotifier.Linux;

/// <summary>In debug builds: what a lock guards is used only by the thread that holds it.</summary>
internal static class LockAssertions
{
    [Conditional("DEBUG")]
    internal static void AssertHeld(this Lock guard) => Debug.Assert(guard.IsHeldByCurrentThread, "The lock must be held here.");

    [Conditional("DEBUG")]
    internal static void AssertHeld(this DriverLock guard) =>
        Debug.Assert(guard.IsHeldByCurrentThread, $"The lock '{guard.Name}' must be held here.");
}
