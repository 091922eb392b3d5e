namespace MmuNotifier;

/// <summary>What is done with each notifier that a walk of the tree meets; a struct, so that the walk is compiled for it.</summary>
internal interface IIntervalVisitor
{
    /// <summary>Called with the range that the tree has, in ascending order of start.</summary>
    /// <returns>False to end the walk.</returns>
    bool Visit(IntervalNotifier notifier, ulong start, ulong last);
}
