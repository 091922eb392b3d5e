namespace MmuNotifier.FaultHandler;

/// <summary>A lock that is held for some instructions only. It lies in native memory and needs no runtime to be waited for.</summary>
internal static unsafe class NativeLock
{
    internal static void Enter(int* word)
    {
        var spinner = default(SpinWait);
        while (Interlocked.CompareExchange(ref *word, 1, 0) != 0)
            spinner.SpinOnce(sleep1Threshold: -1);
    }

    internal static void Exit(int* word) => Volatile.Write(ref *word, 0);
}
