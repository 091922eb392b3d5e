namespace MmuNotifier.Growth;

/// <summary>What is kept in memory after something of the past that there were n of.</summary>
/// <param name="What">What is kept.</param>
/// <param name="Dimension">What there were n of.</param>
/// <param name="Exponent">0 for what is over, 1 for what is alive.</param>
/// <param name="Make">Makes it, and gives what is kept.</param>
internal sealed record KeptRow(string What, string Dimension, int Exponent, Func<int, object> Make)
{
    public string Name => $"{What} | {Dimension}";

    public override string ToString() => Name;
}
