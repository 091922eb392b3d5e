namespace MmuNotifier;

/// <summary>What is done with each notifier that a walk of the tree meets; a struct, so that the walk is compiled for it.</summary>
internal interface IIntervalVisitor
{
    void Visit(IntervalNotifier notifier);
}
