namespace MmuNotifier.Linux.Tests.Userfaultfd;

/// <summary>The one decoder of the kernel's events.</summary>
public class UserfaultEventTests
{
    private const ulong LastOfUser = ulong.MaxValue >> 1;

    private static readonly UserfaultEvent s_unknown = new(UserfaultEventKind.Unknown, 0, ulong.MaxValue, 0);

    [Fact]
    public void Ordinary_events_are_what_they_say()
    {
        Assert.Equal(new(UserfaultEventKind.Unmap, 0x1000, 0x2FFF, 0), Decode(UserfaultMessage.Unmap, 0x1000, 0x3000));
        Assert.Equal(new(UserfaultEventKind.Remove, 0x1000, 0x1FFF, 0), Decode(UserfaultMessage.Remove, 0x1000, 0x2000));
        Assert.Equal(new(UserfaultEventKind.Remap, 0x1000, 0x2FFF, 0x8000), Decode(UserfaultMessage.Remap, 0x1000, 0x8000, 0x2000));
        Assert.Equal(new(UserfaultEventKind.PageFault, 0x1000, 0x1FFF, 3), Decode(UserfaultMessage.PageFault, 3, 0x1234));
        Assert.Equal(new(UserfaultEventKind.Fork, 0, ulong.MaxValue, 7), Decode(UserfaultMessage.Fork, 7, 0));
    }

    [Fact]
    public void A_remapping_of_length_0_is_a_duplicate() =>
        Assert.Equal(new(UserfaultEventKind.Duplicate, 0x1000, 0x1FFF, 0x8000), Decode(UserfaultMessage.Remap, 0x1000, 0x8000, 0));

    [Fact]
    public void A_range_that_is_not_aligned_concerns_every_page_it_meets() =>
        Assert.Equal(new(UserfaultEventKind.Unmap, 0x1000, 0x3FFF, 0), Decode(UserfaultMessage.Unmap, 0x1FFF, 0x3001));

    [Theory]
    [InlineData(UserfaultMessage.Unmap, 0x1000, 0x1000, 0)]
    [InlineData(UserfaultMessage.Remove, 0x2000, 0x1000, 0)]
    [InlineData(UserfaultMessage.Unmap, ulong.MaxValue - 4095, 0, 0)]
    [InlineData(UserfaultMessage.Unmap, 0x1000, ulong.MaxValue, 0)]
    [InlineData(UserfaultMessage.Remap, 0x1000, 0x8000, ulong.MaxValue)]
    [InlineData(UserfaultMessage.Remap, 0x1000, LastOfUser - 4095, 0x2000)]
    [InlineData(UserfaultMessage.Remap, 0x1001, 0x8000, 0x1000)]
    [InlineData(UserfaultMessage.Remap, 0x1000, 0x8001, 0)]
    [InlineData(UserfaultMessage.PageFault, 0, ulong.MaxValue, 0)]
    [InlineData(UserfaultMessage.Fork, uint.MaxValue, 0, 0)]
    [InlineData(0, 0x1000, 0x2000, 0)]
    [InlineData(0x17, 0x1000, 0x2000, 0)]
    [InlineData(0xFF, 0x1000, 0x2000, 0)]
    public void What_cannot_be_means_that_anything_may_have_changed(byte number, ulong first, ulong second, ulong length) =>
        Assert.Equal(s_unknown, Decode(number, first, second, length));

    [Fact]
    public void Every_combination_decodes_to_whole_pages_that_a_process_can_have()
    {
        foreach (UserfaultMessage message in ForgedMessages.All())
            Check(in message);
        for (int seed = 0; seed < 100; seed++)
        {
            foreach (UserfaultMessage message in ForgedMessages.Random(seed, 1000))
                Check(in message);
        }
    }

    private static void Check(in UserfaultMessage message)
    {
        UserfaultEvent news = UserfaultEvent.Decode(in message);
        bool isEverywhere = news is { Start: 0, Last: ulong.MaxValue };
        bool isPages = news.Start % 4096 == 0 && news.Last % 4096 == 4095 && news.Start < news.Last && news.Last <= LastOfUser;
        string text = $"{message.Number:x} {message.First:x} {message.Second:x} {message.LengthBytes:x} -> {news}";
        Assert.True(news.Kind <= UserfaultEventKind.Unmap, text);
        Assert.True(isEverywhere == (news.Kind is UserfaultEventKind.Unknown or UserfaultEventKind.Fork), text);
        Assert.True(isEverywhere || isPages, text);
        if (news.Kind is UserfaultEventKind.Remap or UserfaultEventKind.Duplicate)
            Assert.True(news.Detail % 4096 == 0 && news.Detail + (news.Last - news.Start) <= LastOfUser, text);
        // Nothing that the kernel reported is left out.
        if (news.Kind is UserfaultEventKind.Unmap or UserfaultEventKind.Remove)
            Assert.True(news.Start <= message.First && message.Second - 1 <= news.Last, text);
    }

    private static UserfaultEvent Decode(byte number, ulong first, ulong second, ulong length = 0) =>
        UserfaultEvent.Decode(new UserfaultMessage { Number = number, First = first, Second = second, LengthBytes = length });
}
