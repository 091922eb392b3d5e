namespace MmuNotifier.Exploration;

/// <param name="Defect">Which was made.</param>
/// <param name="Schedules">How many ran, of all scenarios, the failing one with them.</param>
/// <param name="Failure">By which it was caught; null: by none.</param>
internal sealed record DefectResult(SeededDefect Defect, long Schedules, ExplorationFailure? Failure);
