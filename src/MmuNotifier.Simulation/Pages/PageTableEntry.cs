using MmuNotifier.Hmm;

namespace MmuNotifier.Simulation;

/// <summary>What the page table holds for a page.</summary>
internal record struct PageTableEntry
{
    public PageState State;
    public ulong Frame;
    public bool IsWritable;

    /// <summary>9: one of the 512 entries that stand for a huge one.</summary>
    public byte Order;

    /// <summary>Advised free, and not written since: may be dropped.</summary>
    public bool IsLazilyFree;

    /// <summary>While migrating: what is put back, and whose migration it is.</summary>
    public MigrationHold? Hold;

    public readonly PageEntry ToPublic() => new(State, Frame, IsWritable, Order);
}
