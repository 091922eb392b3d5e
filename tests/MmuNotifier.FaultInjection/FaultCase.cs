using System.Globalization;

namespace MmuNotifier.FaultInjection;

/// <summary>One experiment.</summary>
/// <param name="Operation">What is run.</param>
/// <param name="Site">Whose call fails.</param>
/// <param name="Error">How.</param>
/// <param name="Skip">How many calls of the site succeed before.</param>
/// <param name="IsLasting">Whether all calls after that fail, not only one.</param>
internal sealed record FaultCase(string Operation, CallSite Site, int Error, int Skip, bool IsLasting)
{
    internal string Text => string.Create(
        CultureInfo.InvariantCulture, $"{Operation}|{Site.Call}|{Site.Chain}|{Error}|{Skip}|{(IsLasting ? "lasting" : "once")}");

    internal static FaultCase Parse(string text)
    {
        string[] parts = text.Split('|');
        return new FaultCase(
            parts[0],
            new CallSite(parts[1], parts[2]),
            int.Parse(parts[3], CultureInfo.InvariantCulture),
            int.Parse(parts[4], CultureInfo.InvariantCulture),
            parts[5] == "lasting");
    }
}
