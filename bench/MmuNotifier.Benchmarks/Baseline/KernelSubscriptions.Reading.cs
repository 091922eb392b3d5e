using System.Runtime.CompilerServices;

namespace MmuNotifier.Benchmarks.Baseline;

/// <content>Read sections.</content>
internal sealed partial class KernelSubscriptions
{
    /// <summary>
    /// Begins a read section; waits, as the kernel does, until no invalidation at all is active if the notifier was met by one.
    /// </summary>
    /// <exception cref="OperationCanceledException">The wait was given up.</exception>
    internal long ReadBegin(KernelNotifier notifier, CancellationToken giveUp)
    {
        _lock.Enter();
        long sequence = notifier.Sequence;
        bool mustWait = sequence == _sequence;
        _lock.Exit();
        if (mustWait)
            WaitWhile(sequence, giveUp);
        return sequence;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static bool ReadRetry(KernelNotifier notifier, long sequence) => notifier.Sequence != sequence;
}
