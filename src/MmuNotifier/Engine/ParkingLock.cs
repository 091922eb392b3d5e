using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace MmuNotifier;

/// <summary>
/// A lock under which nobody waits and no user code runs. Free of contention it costs one compare-and-exchange to take and one store to let
/// go; a thread that waits spins for some microseconds and then sleeps. It cannot be taken twice by one thread.
/// </summary>
/// <remarks>
/// <para>
/// A lock that is let go is written free, and then its holder looks whether a thread is parked: a store and a load, with no fence between
/// them. The thread that parks makes the fence for both, on all threads, between the count that it writes and its last try to take the
/// lock. So either that try finds the lock free, or the holder finds the count.
/// </para>
/// <para>
/// A parked thread that is woken competes with threads that never slept. After <see cref="Bounds.LockPatience"/> wakes it is impatient:
/// then the next holder that lets go hands the lock over, still held, to a parked thread.
/// </para>
/// <para>
/// <see cref="Thread.Interrupt"/> does not reach a thread that waits for it: an end or a removal that was begun must not be lost half-way.
/// The wait continues, and the thread is interrupted again when it has let the lock go.
/// </para>
/// </remarks>
internal class ParkingLock
{
    private const long Free = 0;
    private const long Held = 1;

    private readonly WaitMonitor _parking = new();
    private AtomicInt64 _state;

    /// <summary>How many threads are parked, or about to be. Written under the monitor.</summary>
    private AtomicInt64 _parkedCount;

    // Guarded by the monitor.
    private int _impatientCount;
    private bool _isHandedOver;

    /// <summary>Guarded by the lock: its holder was interrupted while it waited.</summary>
    private bool _owesInterrupt;

    /// <summary>In debug builds only: the managed number of the thread that holds it.</summary>
    private int _holder;

    /// <summary>Takes the lock, waiting for it as long as it takes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Scope Hold()
    {
        AssertNotHeld();
        if (_state.CompareExchange(Held, Free) != Free)
            Wait();
        NoteHolder(Environment.CurrentManagedThreadId);
        return new Scope(this);
    }

    [Conditional("DEBUG")]
    public void AssertHeld() =>
        Debug.Assert(Volatile.Read(ref _holder) == Environment.CurrentManagedThreadId, "The engine lock must be held here.");

    [Conditional("DEBUG")]
    public void AssertNotHeld() => Debug.Assert(
        Volatile.Read(ref _holder) != Environment.CurrentManagedThreadId, "User code and waits must not run under the engine lock.");

    [Conditional("DEBUG")]
    private void NoteHolder(int threadId) => Volatile.Write(ref _holder, threadId);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void LetGo()
    {
        AssertHeld();
        NoteHolder(0);
        bool owesInterrupt = _owesInterrupt;
        if (owesInterrupt)
            _owesInterrupt = false;
        _state.Write(Free);
        if (_parkedCount.Read() != 0)
            Wake();
        if (owesInterrupt)
            Interrupts.RaiseAgain();
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Wait()
    {
        if (TryTakeSoon())
            return;
        using (_parking.Hold())
            _parkedCount.WriteRelaxed(_parkedCount.ReadRelaxed() + 1);
        Fence.ProcessWide();
        using (_parking.Hold())
        {
            bool isInterrupted = Park();
            _parkedCount.WriteRelaxed(_parkedCount.ReadRelaxed() - 1);
            _owesInterrupt = isInterrupted;
        }
    }

    private bool TryTakeSoon()
    {
        for (int i = 0; i < Bounds.LockSpins; i++)
        {
            Thread.SpinWait(Math.Min(1 << i, 8));
            if (_state.Read() == Free && _state.CompareExchange(Held, Free) == Free)
                return true;
        }

        return false;
    }

    /// <summary>Under the monitor: sleeps until the lock is taken.</summary>
    /// <returns>Whether the thread was interrupted meanwhile.</returns>
    private bool Park()
    {
        bool isInterrupted = false;
        int wakes = 0;
        for (; !TryTakeParked(); wakes++)
        {
            if (wakes == Bounds.LockPatience)
                _impatientCount++;
            try
            {
                _parking.Wait(Timeout.InfiniteTimeSpan);
            }
            catch (ThreadInterruptedException)
            {
                isInterrupted = true;
            }
        }

        if (wakes > Bounds.LockPatience)
            _impatientCount--;
        return isInterrupted;
    }

    private bool TryTakeParked()
    {
        if (!_isHandedOver)
            return _state.CompareExchange(Held, Free) == Free;
        _isHandedOver = false;
        return true;
    }

    /// <summary>
    /// By the thread that has let the lock go: wakes a parked one, or hands the lock over if another has not taken it yet.
    /// </summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Wake()
    {
        using (_parking.Hold())
        {
            if (_impatientCount > 0)
            {
                if (_state.CompareExchange(Held, Free) != Free)
                    return; // The thread that holds it now looks for parked ones in its turn.
                _isHandedOver = true;
            }

            _parking.Pulse();
        }
    }

    /// <summary>One hold of the lock, to be disposed once.</summary>
    public readonly ref struct Scope(ParkingLock held)
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Dispose() => held.LetGo();
    }
}
