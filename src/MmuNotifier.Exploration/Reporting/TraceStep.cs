namespace MmuNotifier.Exploration.Reporting;

/// <param name="Thread">The number of the column.</param>
/// <param name="What">What the thread did.</param>
/// <param name="Where">The method and line that called the primitive.</param>
/// <param name="IsNamed">Whether the code gave the step its name; else it is an access of a word or a lock.</param>
internal readonly record struct TraceStep(int Thread, string What, string Where, bool IsNamed);
