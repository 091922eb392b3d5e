using MmuNotifier.Exploration.Running;

namespace MmuNotifier.Exploration.Strategies;

/// <summary>Makes the choices of a list, then plain ones. A choice that is not to be had becomes the last one that is.</summary>
internal sealed class ReplayStrategy(ChoiceList choices) : IStrategy
{
    private int _next;

    public int ChooseThread(ReadOnlySpan<ControlledThread> candidates, bool canContinue) => Choose(candidates.Length);

    public int ChooseMessage(int count) => Choose(count);

    private int Choose(int count) => _next < choices.Count ? Math.Min(choices[_next++], count - 1) : 0;
}
