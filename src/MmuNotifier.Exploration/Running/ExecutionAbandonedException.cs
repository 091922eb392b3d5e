namespace MmuNotifier.Exploration.Running;

/// <summary>Unwinds a controlled thread whose execution is over before the thread has ended.</summary>
#pragma warning disable CA1032 // nobody else makes one
internal sealed class ExecutionAbandonedException() : Exception("This schedule has ended; the thread is unwound.");
#pragma warning restore CA1032
