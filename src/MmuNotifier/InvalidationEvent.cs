namespace MmuNotifier;

/// <summary>Why an address space invalidates a range (<c>enum mmu_notifier_event</c> in Linux).</summary>
public enum InvalidationEvent
{
    /// <summary>The mapping goes away: munmap, the old place of mremap, a mapping put over it (<c>MMU_NOTIFY_UNMAP</c>).</summary>
    Unmap,

    /// <summary>Pages go away or change, the mapping stays: madvise, truncation, copy-on-write (<c>MMU_NOTIFY_CLEAR</c>).</summary>
    Clear,

    /// <summary>The permission of a whole mapping changes: mprotect (<c>MMU_NOTIFY_PROTECTION_VMA</c>).</summary>
    ProtectionVma,

    /// <summary>The permission of single pages changes: fork protects for copy-on-write (<c>MMU_NOTIFY_PROTECTION_PAGE</c>).</summary>
    ProtectionPage,

    /// <summary>Pages are protected to learn of writes (<c>MMU_NOTIFY_SOFT_DIRTY</c>).</summary>
    SoftDirty,

    /// <summary>The address space itself goes away (<c>MMU_NOTIFY_RELEASE</c>); sent by <see cref="AddressSpace.Exit"/> only.</summary>
    Release,

    /// <summary>Pages move to or from a device that the invalidation names as its owner (<c>MMU_NOTIFY_MIGRATE</c>).</summary>
    Migrate,

    /// <summary>Pages become exclusive to a device that the invalidation names as its owner (<c>MMU_NOTIFY_EXCLUSIVE</c>).</summary>
    Exclusive,
}
