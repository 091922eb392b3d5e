using System.Runtime.CompilerServices;

namespace MmuNotifier.Benchmarks.Baseline;

/// <summary>A test-and-test-and-set spinlock, as the kernel's code was measured with. Mutable struct: keep it in a field.</summary>
internal struct SpinningLock
{
    /// <summary>
    /// About 40 µs. Who spins longer waits for an owner that the scheduler took off its core, which the kernel rules out. Much less would
    /// let the loser of a contended lock step aside, and flatter the winner.
    /// </summary>
    private const int SpinsBeforeYield = 1000;

    private int _taken;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void Enter()
    {
        if (Interlocked.CompareExchange(ref _taken, 1, 0) != 0)
            EnterContended();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void Exit() => Volatile.Write(ref _taken, 0);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void EnterContended()
    {
        int spins = 0;
        do
        {
            while (Volatile.Read(ref _taken) != 0)
            {
                if (++spins % SpinsBeforeYield == 0)
                    Thread.Yield();
                else
                    Thread.SpinWait(1);
            }
        }
        while (Interlocked.CompareExchange(ref _taken, 1, 0) != 0);
    }
}
