using MmuNotifier.Exploration.Running;

namespace MmuNotifier.Exploration.Strategies;

/// <summary>
/// Makes the choices of one execution. It is asked only where there is more than one possibility; 0 is always the plain one.
/// </summary>
internal interface IStrategy
{
    /// <summary>Which of the threads runs next.</summary>
    /// <param name="candidates">Two or more; if <paramref name="canContinue"/>, the first is the one that ran last.</param>
    /// <param name="canContinue">Whether choosing any but the first is a preemption.</param>
    int ChooseThread(ReadOnlySpan<ControlledThread> candidates, bool canContinue);

    /// <summary>Which of so many messages a read returns: 0 the newest, 1 the one before, and so on.</summary>
    int ChooseMessage(int count);
}
