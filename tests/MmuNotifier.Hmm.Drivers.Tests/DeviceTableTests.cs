
namespace MmuNotifier.Hmm.Drivers.Tests;

public class DeviceTableTests
{
    private const ulong Page = MirroredMemory.PageBytes;

    [Fact]
    public void Zapping_ends_at_the_end_of_the_address_space()
    {
        var table = new DeviceTable();
        ulong lastPage = ulong.MaxValue - Page + 1;
        for (ulong i = 0; i < 5; i++)
            table.Set(lastPage - (i * Page), HmmEntry.Valid(i, isWritable: false, order: 0));
        table.Forget(new AddressRange(lastPage - 1, ulong.MaxValue));
        Assert.Equal(3, table.Count);
    }
}
