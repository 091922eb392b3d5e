namespace MmuNotifier.Growth;

/// <summary>One operation, and one thing that its cost could depend on.</summary>
/// <param name="Operation">The operation.</param>
/// <param name="Dimension">What there are n of.</param>
/// <param name="Exponent">
/// 0: at most logarithmic. 1: linear, in what the operation touches or by one of the exceptions of docs/growth.md.
/// </param>
/// <param name="Prepare">Makes everything for a size.</param>
internal sealed record GrowthRow(string Operation, string Dimension, int Exponent, Func<int, GrowthCase> Prepare)
{
    public string Name => $"{Operation} | {Dimension}";

    public override string ToString() => Name;
}
