using System.Runtime.CompilerServices;

namespace MmuNotifier.Benchmarks.Baseline;

/// <summary>A test-and-test-and-set spinlock, as the kernel's code was measured with. Mutable struct: keep it in a field.</summary>
internal struct SpinningLock
{
    /// <summary>Longer than any hold of a running owner; who spins longer waits for one that the scheduler took off its core.</summary>
    private const int SpinsBeforeYield = 64;

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
                if (++spins < SpinsBeforeYield)
                    Thread.SpinWait(1);
                else
                    Thread.Yield();
            }
        }
        while (Interlocked.CompareExchange(ref _taken, 1, 0) != 0);
    }
}
