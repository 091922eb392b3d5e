namespace MmuNotifier;

/// <summary>The one switch of all seeded defects. The lines that ask it are in the overlays beside this file.</summary>
internal static class Seeded
{
    /// <summary>The defect that the engine has at the moment. Set between explorations.</summary>
    public static SeededDefect Active { get; set; }

    public static bool Has(SeededDefect defect) => defect != SeededDefect.None && Active == defect;
}
