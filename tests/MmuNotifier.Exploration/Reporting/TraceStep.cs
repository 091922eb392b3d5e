namespace MmuNotifier.Exploration.Reporting;

/// <param name="Thread">The number of the column.</param>
/// <param name="What">What the thread did.</param>
/// <param name="Where">The method and line that called the primitive.</param>
internal readonly record struct TraceStep(int Thread, string What, string Where);
