using MmuNotifier.Hmm;

namespace MmuNotifier.Linux;

/// <content>Pages that devices have: what is known of them, and bringing them back.</content>
public sealed unsafe partial class LinuxMemory
{
    /// <inheritdoc/>
    public override IReadOnlyList<ulong> FindDevicePages(DeviceMemory device) => _devicePages.AddressesOf(device);

    /// <summary>Brings back what devices have in the range, by touching it as the program would.</summary>
    private void ReturnRange(AddressRange range)
    {
        _mappingLock.AssertHeld();
        List<ulong> away = _devicePages.AwayIn(range, out bool isExclusive);
        if (away.Count == 0)
        {
            HandleMessages();
            return;
        }

        using (Space.StartInvalidation(range, isExclusive ? InvalidationEvent.Exclusive : InvalidationEvent.Migrate))
        {
            foreach (AddressRange run in PageRuns.Of(away))
                Populate(run, isWrite: false);
            HandleMessages(range);
        }
    }

    /// <summary>Under an invalidation of the range: brings back the pages of a migration to system memory.</summary>
    private void ReturnCollected(AddressRange range, Span<MigratePage> pages)
    {
        _mappingLock.AssertHeld();
        foreach (ref readonly MigratePage page in pages)
        {
            if (IsToReturn(page) && _devicePages.TryFindAway(page.Address, out _))
                Populate(PageSize.RangeOf(page.Address), isWrite: false);
        }

        HandleMessages(range);
        foreach (ref MigratePage page in pages)
        {
            if (!IsToReturn(page))
                continue;
            _devicePages.FreeResident(PageSize.RangeOf(page.Address));
            page.IsMoved = !_devicePages.TryFindAway(page.Address, out _);
        }
    }

    private static bool IsToReturn(in MigratePage page) =>
        page.CanMove && page.IsToSystem && page.SourceFrame >= DeviceMemory.FirstDeviceFrame;
}
