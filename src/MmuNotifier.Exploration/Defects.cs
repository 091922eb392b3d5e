namespace MmuNotifier.Exploration;

/// <summary>Which defect the engine has at the moment. Set between explorations.</summary>
internal static class Defects
{
    public static SeededDefect Active { get; set; }
}
