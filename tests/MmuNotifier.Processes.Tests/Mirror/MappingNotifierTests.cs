using MmuNotifier.Processes.Mirroring;

namespace MmuNotifier.Processes.Tests.Mirror;

public class MappingNotifierTests
{
    private const ulong Page = PageCopies.PageBytes;

    private readonly AddressSpace _space = new();

    [Theory]
    [InlineData(0, 9, 0, 0, 1)]
    [InlineData(0, 4, 0, 1, 0)]
    [InlineData(5, 9, 0, 1, 0)]
    [InlineData(4, 5, 1, 0, 0)]
    public void Unmap_cuts_the_notifier_inside_the_callback_and_forgets_the_copies(
        ulong first, ulong last, int split, int moved, int removed)
    {
        using CopyDevice device = DeviceOfTenPages();
        _space.Invalidate(Pages(first, last), InvalidationEvent.Unmap);

        Assert.Equal(
            (split, moved, removed, 1),
            (device.Notifiers.Split, device.Notifiers.Moved, device.Notifiers.Removed, device.Notifiers.InsideCallbacks));
        Assert.Equal(10 - (long)(last - first + 1), device.Table.Count);
        for (ulong page = 0; page < 10; page++)
            Assert.Equal(page < first || page > last, device.Table[page] >= 0);
    }

    [Fact]
    public void Clear_forgets_copies_and_fork_keeps_them()
    {
        using CopyDevice device = DeviceOfTenPages();
        _space.Invalidate(AddressRange.Whole, InvalidationEvent.ProtectionPage);
        Assert.Equal(10, device.Table.Count);
        _space.Invalidate(Pages(2, 3), InvalidationEvent.Clear);
        Assert.Equal(8, device.Table.Count);
        Assert.Equal(0, device.Notifiers.InsideCallbacks);
    }

    [Fact]
    public void A_mapping_that_has_grown_over_others_keeps_one_notifier()
    {
        using CopyDevice device = DeviceOfTenPages();
        Assert.True(device.Watch(Pages(20, 29)));
        Assert.True(device.Watch(Pages(0, 39)));

        List<AddressRange> ranges = [];
        foreach (FoundNotifier found in _space.Find(AddressRange.Whole))
            ranges.Add(found.Range);
        Assert.Equal([Pages(0, 39)], ranges);
        Assert.Equal((2, 1, 1), (device.Notifiers.Inserted, device.Notifiers.Moved, device.Notifiers.Removed));
        Assert.Equal(10, device.Table.Count);
    }

    private static AddressRange Pages(ulong first, ulong last) => new(first * Page, (last * Page) + Page - 1);

    private CopyDevice DeviceOfTenPages()
    {
        var device = new CopyDevice(_space, keepsBytes: false);
        Assert.True(device.Watch(Pages(0, 9)));
        using (device.Lock.Hold())
        {
            for (ulong page = 0; page < 10; page++)
                device.Commit(page, new byte[Page]);
        }

        return device;
    }
}
