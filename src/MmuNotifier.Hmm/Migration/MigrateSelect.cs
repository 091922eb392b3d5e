namespace MmuNotifier.Hmm;

/// <summary>Which pages a migration collects (<c>enum migrate_vma_direction</c>).</summary>
[Flags]
public enum MigrateSelect
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>Pages of system memory, and private anonymous pages that do not exist yet.</summary>
    System = 1,

    /// <summary>Private device pages of the owner.</summary>
    DevicePrivate = 2,

    /// <summary>Coherent device pages of the owner.</summary>
    DeviceCoherent = 4,
}
