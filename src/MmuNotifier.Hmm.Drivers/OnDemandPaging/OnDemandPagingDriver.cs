namespace MmuNotifier.Hmm.Drivers;

/// <summary>
/// On-demand paging as RDMA does it: a region is registered without pinning its pages, which are faulted when the device touches them and
/// dropped by the callback. See docs/drivers/on-demand-paging.md.
/// </summary>
/// <remarks>
/// The driver lock is <c>umem_mutex</c>. Fixed: one notifier from registration to release. Implicit: children of 1 GiB, aligned, made on
/// fault; the callback that takes a child's last entry removes the child at once, for which Linux needs a work queue.
/// </remarks>
public sealed class OnDemandPagingDriver : ReferenceDriver
{
    private const ulong ChildBytes = 1UL << 30;

    private readonly OnDemandPagingMode _mode;
    private readonly Dictionary<ulong, PagingRegion> _children = [];
    private readonly PagingRegion? _fixed;

    private OnDemandPagingDriver(MirroredMemory memory, OnDemandPagingMode mode, AddressRange? range)
        : base(memory, "umem mutex")
    {
        _mode = mode;
        if (range is { } registered)
        {
            _fixed = new PagingRegion(this, registered);
            memory.Space.Insert(_fixed, registered);
        }
    }

    /// <inheritdoc/>
    public override string Name => _mode == OnDemandPagingMode.Fixed ? "odp" : "odp-implicit";

    /// <summary>How many children an implicit registration has now.</summary>
    public int ChildCount
    {
        get
        {
            using (Lock.Hold())
                return _children.Count;
        }
    }

    /// <summary>Registers a range. The device can access only registered ranges.</summary>
    /// <param name="memory">The address space.</param>
    /// <param name="range">Whole pages; need not be mapped.</param>
    /// <exception cref="AddressSpaceExitedException">The address space has gone.</exception>
    public static OnDemandPagingDriver RegisterFixed(MirroredMemory memory, AddressRange range) =>
        new(memory, OnDemandPagingMode.Fixed, range);

    /// <summary>Registers the whole address space.</summary>
    /// <param name="memory">The address space.</param>
    public static OnDemandPagingDriver RegisterImplicit(MirroredMemory memory) => new(memory, OnDemandPagingMode.Implicit, null);

    /// <summary>The callback's work.</summary>
    internal void Invalidate(PagingRegion region, in Invalidation invalidation)
    {
        using (Lock.Hold())
        {
            int before = region.Table.Count;
            region.Table.Forget(invalidation.Overlap);
            if (_mode != OnDemandPagingMode.Implicit || region.Table.Count == before)
                return;
            if (region.Table.Count == 0)
                RemoveChild(region);
        }
    }

    private protected override DeviceTable? FindTable(ulong page) => FindRegion(page)?.Table;

    private protected override Errno Fault(in DeviceAccess access)
    {
        PagingRegion? region;
        using (Lock.Hold())
        {
            region = FindRegion(access.Page);
            if (region is null)
            {
                if (_mode == OnDemandPagingMode.Fixed)
                    return Errno.BadAddress;
                region = MakeChild(access.Page);
                if (region is null)
                    return Errno.NoProcess;
            }
        }

        // The child may be removed between here and the commit. Then the section retries for ever, so nothing is committed to a table that
        // no callback reaches any more.
        return FaultPage(region, region.Table, access);
    }

    private protected override void Detach()
    {
        var regions = new List<PagingRegion>();
        using (Lock.Hold())
        {
            regions.AddRange(_children.Values);
            _children.Clear();
        }

        if (_fixed is not null)
            regions.Add(_fixed);
        foreach (PagingRegion region in regions)
            region.Remove();
    }

    private PagingRegion? FindRegion(ulong page) => _mode == OnDemandPagingMode.Implicit
        ? _children.GetValueOrDefault(page / ChildBytes)
        : _fixed!.Registered.Contains(page) ? _fixed : null;

    private PagingRegion? MakeChild(ulong page)
    {
        AddressRange range = AddressRange.FromLength(page - (page % ChildBytes), ChildBytes);
        var child = new PagingRegion(this, range);
        if (!Memory.Space.TryInsert(child, range))
            return null;
        _children.Add(page / ChildBytes, child);
        return child;
    }

    // By two callbacks at the same moment, or after detaching, it may be out of the dictionary already, and another child be in.
    private void RemoveChild(PagingRegion child)
    {
        ulong number = child.Registered.Start / ChildBytes;
        if (_children.GetValueOrDefault(number) == child)
            _children.Remove(number);
        child.RemoveDeferred();
    }
}
