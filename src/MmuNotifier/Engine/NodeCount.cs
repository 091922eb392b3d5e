namespace MmuNotifier;

/// <summary>How many nodes of a kind a tree has, and how many it keeps for reuse.</summary>
internal struct NodeCount(int inUse)
{
    /// <summary>A population that goes from nothing to a few and back allocates nothing.</summary>
    private const int FewSpares = 8;

    public int InUse = inUse;

    public int Spare;

    public readonly bool HasTooManySpares => Spare > (InUse / 4) + FewSpares;

    public void Return()
    {
        InUse--;
        Spare++;
    }
}
