using System.Diagnostics;

namespace MmuNotifier;

/// <summary>
/// The one lock of an address space. It is the innermost lock but for a waiter's own monitor: no user code runs under it, nothing waits
/// under it, and every hold is as short as one walk of the tree.
/// </summary>
internal sealed class EngineLock
{
    private readonly Lock _lock = new();

    public Lock.Scope Hold() => _lock.EnterScope();

    [Conditional("DEBUG")]
    public void AssertHeld() => Debug.Assert(_lock.IsHeldByCurrentThread, "The engine lock must be held here.");

    [Conditional("DEBUG")]
    public void AssertNotHeld() => Debug.Assert(!_lock.IsHeldByCurrentThread, "User code and waits must not run under the engine lock.");
}
