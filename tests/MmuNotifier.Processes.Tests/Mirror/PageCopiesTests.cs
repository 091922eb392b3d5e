using MmuNotifier.Processes.Mirroring;

namespace MmuNotifier.Processes.Tests.Mirror;

public class PageCopiesTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_page_matches_its_copy_until_one_bit_differs(bool keepsBytes)
    {
        using var copies = new PageCopies(keepsBytes);
        byte[] page = new byte[PageCopies.PageBytes];
        new Random(5).NextBytes(page);
        int frame = copies.Keep(page);
        Assert.True(copies.Matches(frame, page));
        for (int bit = 0; bit < page.Length * 8; bit += 7)
        {
            page[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.False(copies.Matches(frame, page));
            page[bit / 8] ^= (byte)(1 << (bit % 8));
        }

        Assert.True(copies.Matches(frame, page));
    }

    [Fact]
    public void A_hash_takes_a_256th_of_the_memory_of_a_page()
    {
        const int pages = 50_000;
        using var hashes = new PageCopies(keepsBytes: false);
        byte[] page = new byte[PageCopies.PageBytes];
        for (int i = 0; i < pages; i++)
            hashes.Keep(page);
        Assert.Equal(pages, hashes.Frames.Used);
        Assert.Equal(2 << 20, hashes.Frames.ReservedBytes);
    }

    [Fact]
    public void Each_has_a_seed_of_its_own()
    {
        using var one = new PageCopies(keepsBytes: false);
        using var other = new PageCopies(keepsBytes: false);
        byte[] page = new byte[PageCopies.PageBytes];
        Assert.NotEqual(one.Frames.Bytes(one.Keep(page)).ToArray(), other.Frames.Bytes(other.Keep(page)).ToArray());
    }
}
