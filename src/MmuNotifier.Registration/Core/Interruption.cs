namespace MmuNotifier.Registration;

/// <summary>
/// For steps that must not be left out. Waiting for a lock throws when the thread is interrupted; such a step waits again, and the thread
/// is interrupted once more when the step is over.
/// </summary>
internal static class Interruption
{
    /// <param name="state">What the step works on.</param>
    /// <param name="step">Takes its lock before it changes anything, so that it can be called again.</param>
    public static void Defer<TState>(TState state, Action<TState> step)
    {
        bool wasInterrupted = false;
        while (true)
        {
            try
            {
                step(state);
                break;
            }
            catch (ThreadInterruptedException)
            {
                wasInterrupted = true;
            }
        }

        if (wasInterrupted)
            Thread.CurrentThread.Interrupt();
    }
}
