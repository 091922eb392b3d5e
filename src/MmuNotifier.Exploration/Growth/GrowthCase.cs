namespace MmuNotifier.Growth;

/// <summary>Operations whose cost is measured together. What they need was made before.</summary>
/// <param name="Run">Runs them, once.</param>
/// <param name="Operations">How many they are: the cost is that of one.</param>
internal sealed record GrowthCase(Action Run, int Operations = 1);
