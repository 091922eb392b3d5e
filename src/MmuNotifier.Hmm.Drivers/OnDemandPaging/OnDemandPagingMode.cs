namespace MmuNotifier.Hmm.Drivers;

/// <summary>What a registration for on-demand paging covers.</summary>
internal enum OnDemandPagingMode
{
    /// <summary>A range that is fixed when it is registered (<c>ib_umem_odp_get</c>).</summary>
    Fixed,

    /// <summary>The whole address space, by children that are made on fault (<c>ib_umem_odp_alloc_implicit</c>).</summary>
    Implicit,
}
