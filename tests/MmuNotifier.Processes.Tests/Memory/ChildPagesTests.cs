using MmuNotifier.Linux;

namespace MmuNotifier.Processes.Tests.Memory;

public class ChildPagesTests
{
    private readonly ChildPages _pages = new([new(0x1000, Page(1)), new(0x2000, Page(2)), new(0x5000, Page(3))]);

    [Fact]
    public void Pages_follow_what_the_child_does_to_its_memory()
    {
        ChildPages grandchild = _pages.Copy();
        _pages.Move(AddressRange.FromLength(0x1000, 0x2000), 0x9000);
        _pages.Remove(AddressRange.FromLength(0x5000, 0x1000));
        Assert.Equal([(0x9000UL, 1UL), (0xa000UL, 2UL)], TakeAll(_pages));
        Assert.Equal([(0x1000UL, 1UL), (0x2000UL, 2UL), (0x5000UL, 3UL)], TakeAll(grandchild));
    }

    private static List<(ulong Address, ulong Frame)> TakeAll(ChildPages pages)
    {
        var found = new List<(ulong Address, ulong Frame)>();
        while (pages.TryPeek(out ulong address, out TakenPage page))
        {
            found.Add((address, page.Frame));
            pages.Remove(address);
        }

        found.Sort();
        return found;
    }

    private static TakenPage Page(ulong frame) => new(TakenState.Private, frame, null);
}
