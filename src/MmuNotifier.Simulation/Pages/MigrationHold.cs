namespace MmuNotifier.Simulation;

/// <summary>A page that a migration has taken off the page table. Under the page-table lock.</summary>
internal sealed class MigrationHold
{
    /// <summary>What goes back if the page stays. A change of the protection meanwhile changes it.</summary>
    public required PageTableEntry Before;

    /// <summary>The hold of the first page of the huge page that this one belongs to.</summary>
    public MigrationHold? Huge { get; set; }

    /// <summary>On the first page of a huge page: the block in system memory that it goes to; 0 for none.</summary>
    public ulong Block { get; set; }
}
