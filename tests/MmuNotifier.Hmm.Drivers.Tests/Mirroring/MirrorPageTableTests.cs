using MmuNotifier.Hmm.Drivers.Mirroring;
namespace MmuNotifier.Hmm.Drivers.Tests.Mirroring;

public class MirrorPageTableTests
{
    private const ulong Page = MirroredMemory.PageBytes;

    private readonly MirrorPageTable _table = new();

    [Theory]
    [InlineData(Page + 1, Page + 2, 1UL)]
    [InlineData(Page - 1, Page, 1UL)]
    [InlineData((2 * Page) + 5, (3 * Page) + 5, 2UL)]
    [InlineData(0UL, ulong.MaxValue, 5UL)]
    public void Forget_takes_out_every_page_that_the_range_touches(ulong start, ulong last, ulong forgotten)
    {
        for (ulong i = 1; i <= 5; i++)
            _table.Set(i * Page, i, MirrorPageTag.Read);
        _table.Forget(new AddressRange(start, last));
        ulong left = 0;
        for (ulong i = 1; i <= 5; i++)
            left += _table.TryGet(i * Page, out _, out _) ? 1UL : 0;
        Assert.Equal(5 - forgotten, left);
    }

    [Fact]
    public void Erasing_ends_at_the_end_of_the_address_space()
    {
        ulong lastPage = ulong.MaxValue - Page + 1;
        for (ulong i = 0; i < 5; i++)
            _table.Set(lastPage - (i * Page), i, MirrorPageTag.Read);
        _table.Forget(new AddressRange(lastPage - Page, ulong.MaxValue));
        Assert.False(_table.TryGet(lastPage, out _, out _));
        Assert.True(_table.TryGet(lastPage - (2 * Page), out _, out _));
    }
}
