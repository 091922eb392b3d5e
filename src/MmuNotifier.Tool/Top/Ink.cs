namespace MmuNotifier.Tool.Top;

/// <summary>What a piece of the screen is; a theme gives each a colour.</summary>
internal enum Ink : byte
{
    Plain,
    Faint,
    Title,
    Value,
    Warning,
    Heading,
    Selected,
    Key,
    Gone,
    HeatAbsent,
    HeatCold,
    HeatCool,
    HeatWarm,
    HeatHot,
    Trend,
}
