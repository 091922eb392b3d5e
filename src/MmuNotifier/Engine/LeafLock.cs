using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace MmuNotifier;

/// <summary>A lock under which nobody waits and no user code runs. The same in exploration builds, where no schedule depends on
/// it.</summary>
/// <remarks>
/// <see cref="Thread.Interrupt"/> does not reach those who wait for it: an end or a removal that was begun must not be lost half-way. The
/// wait goes on, and the thread is interrupted again when it has let the lock go.
/// </remarks>
internal class LeafLock
{
    private readonly Lock _lock = new();

    /// <summary>Guarded by the lock: its holder was interrupted while it waited.</summary>
    private bool _owesInterrupt;

    public Scope Hold() => new(this, Enter());

    [Conditional("DEBUG")]
    public void AssertHeld() => Debug.Assert(_lock.IsHeldByCurrentThread, "The engine lock must be held here.");

    [Conditional("DEBUG")]
    public void AssertNotHeld() => Debug.Assert(!_lock.IsHeldByCurrentThread, "User code and waits must not run under the engine lock.");

    private Lock.Scope Enter()
    {
        try
        {
            return _lock.EnterScope();
        }
        catch (ThreadInterruptedException)
        {
            return EnterAfterInterrupt();
        }
    }

    private Lock.Scope EnterAfterInterrupt()
    {
        while (true)
        {
            try
            {
                Lock.Scope held = _lock.EnterScope();
                _owesInterrupt = true;
                return held;
            }
            catch (ThreadInterruptedException)
            {
                // Interrupted once more: one interrupt at the end stands for all.
            }
        }
    }

    /// <summary>One hold of the lock.</summary>
    public ref struct Scope(LeafLock owner, Lock.Scope held)
    {
        private Lock.Scope _held = held;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Dispose()
        {
            bool owesInterrupt = owner._owesInterrupt;
            if (owesInterrupt)
                owner._owesInterrupt = false;
            _held.Dispose();
            if (owesInterrupt)
                Thread.CurrentThread.Interrupt();
        }
    }
}
