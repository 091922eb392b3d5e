namespace MmuNotifier.Exploration.Scenarios.Litmus;

/// <summary>Defects of the litmus scenarios: outside of the engine's numbers.</summary>
internal static class LitmusDefects
{
    /// <summary>Takes away the fence, or weakens the access, that the scenario depends on.</summary>
    public const SeededDefect Weakened = (SeededDefect)(-1);
}
