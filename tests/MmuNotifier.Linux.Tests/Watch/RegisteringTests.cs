using static MmuNotifier.Linux.Tests.Watch.Calls;

namespace MmuNotifier.Linux.Tests.Watch;

/// <summary>What is registered with the kernel for what is watched.</summary>
[Collection(WatchGroup.Name)]
public sealed class RegisteringTests
{
    [Fact]
    public void Scattered_ranges_of_a_few_mappings_take_no_mappings()
    {
        const int count = 100_000;
        const ulong stride = 17;
        using var watched = new Watched();
        ulong address = MapPages(count * stride);
        for (ulong i = 0; i < count; i++)
            Assert.True(watched.Watch.TryWatch(Pages(address + (i * stride * Page), 16)));
        Assert.InRange(MapsFile.CountMappings(address, count * stride * Page), 1, 100);
        Unmap(MapPages(1), Page);
        Unmap(address, count * stride * Page);
        Assert.NotEmpty(watched.ReportsOn(Pages(address + (5 * Page), 1)));
    }

    [Fact]
    public void A_whole_mapping_is_registered_so_that_it_can_be_moved_as_a_whole()
    {
        using var watched = new Watched();
        ulong address = MapTouched(16);
        watched.Add(address + (4 * Page), 2);
        nint moved = Remap(address, 16 * Page, 32 * Page, 1, 0);
        Assert.NotEqual(-1, moved);
        Unmap((ulong)moved, 32 * Page);
    }

    /// <remarks>Without the look at what grew, some ten of these rounds end with EFAULT on the machine where this was written.</remarks>
    [Fact]
    public void A_mapping_that_grows_while_it_is_registered_can_be_moved_as_a_whole()
    {
        const int rounds = 3000;
        const int mayMove = 1;
        using var watched = new Watched();
        using var round = new Barrier(2);
        ulong address = 0;
        var grower = new Thread(() =>
        {
            for (int i = 0; i < rounds; i++)
            {
                round.SignalAndWait();
                Thread.SpinWait(i % 50);
                Remap(address, 2 * Page, 4 * Page, 0, 0);
                round.SignalAndWait();
            }
        })
        {
            IsBackground = true,
        };
        grower.Start();
        int refused = 0;
        for (int i = 0; i < rounds; i++)
        {
            address = MapPages(2);
            round.SignalAndWait();
            watched.Watch.TryWatch(Pages(address, 1));
            round.SignalAndWait();
            nint moved = Remap(address, 4 * Page, 70 * Page, mayMove, 0);
            refused += moved == -1 ? 1 : 0;
            Unmap(moved == -1 ? address : (ulong)moved, 70 * Page);
            watched.Watch.Unwatch(Pages(address, 1));
        }

        grower.Join();
        Assert.Equal(0, refused);
    }

    /// <remarks>
    /// While the mapping is watched the kernel refuses that (docs/watching-own-memory.md): the replaced part is not registered, and differs
    /// from its neighbours.
    /// </remarks>
    [Fact]
    public void A_mapping_that_was_replaced_in_part_can_be_moved_as_a_whole_once_it_is_let_go()
    {
        using var watched = new Watched();
        Assert.SkipUnless(
            TryMoveReplacedInPart(MapTouched(16)), "this kernel does not move mappings of several kinds at once (before Linux 6.17)");
        ulong address = watched.Map(16);
        watched.Watch.Unwatch(Pages(address, 16));
        Patience.Until(() => TryMoveReplacedInPart(address), "it can be moved");
    }

    private static bool TryMoveReplacedInPart(ulong address)
    {
        const int mayMoveTo = 3;
        ulong elsewhere = MapPages(16);
        MapPages(1, flags: PrivateAnonymous | Fixed, address: address + (2 * Page));
        Touch(address + (2 * Page), 1);
        if (Remap(address, 16 * Page, 16 * Page, mayMoveTo, elsewhere) == -1)
        {
            // The kernel may have moved the head before it met the other part.
            MapPages(16, flags: PrivateAnonymous | Fixed, address: address);
            Unmap(elsewhere, 16 * Page);
            return false;
        }

        Unmap(elsewhere, 16 * Page);
        return true;
    }

    [Fact]
    public void What_is_needed_no_more_is_let_go()
    {
        using var watched = new Watched();
        using UserfaultfdDescriptor other = OwnUserfaultfd.Asynchronous();
        ulong address = watched.Map(4);
        AddressRange range = Pages(address, 4);
        watched.Watch.TryWatch(range);
        watched.Watch.Unwatch(range);
        AwaitThatAnotherIsLetGo(watched, other);
        Assert.Equal(UserfaultfdStatus.TakenByAnother, other.Register(range.Start, range.Last).Status);
        watched.Watch.Unwatch(range);
        Patience.Until(() => other.Register(range.Start, range.Last).Succeeded, "the range is let go");
        Assert.False(watched.Watch.TryWatch(range));
        Unmap(address, 4 * Page);
    }

    /// <summary>After that, whatever nobody needed at the call is let go too.</summary>
    private static void AwaitThatAnotherIsLetGo(Watched watched, UserfaultfdDescriptor other)
    {
        ulong address = watched.Map(1);
        AddressRange range = Pages(address, 1);
        watched.Watch.Unwatch(range);
        Patience.Until(() => other.Register(range.Start, range.Last).Succeeded, "another range is let go");
        Unmap(address, Page);
    }

    [Fact]
    public void A_watch_that_ends_lets_everything_go_however_much_it_is()
    {
        const int count = 2000;
        using UserfaultfdDescriptor other = OwnUserfaultfd.Asynchronous();
        ulong[] addresses = [.. Enumerable.Range(0, count).Select(_ => MapPages(1))];
        int child;
        using (var watched = new Watched())
        {
            child = Duplicate(watched.Watch.EventDescriptor); // As a forked child would.
            foreach (ulong address in addresses)
                Assert.True(watched.Watch.TryWatch(Pages(address, 1)));
        }

        Assert.All(addresses, address => Assert.True(other.Register(address, address + Page - 1).Succeeded));
        _ = Close(child);
        foreach (ulong address in addresses)
            Unmap(address, Page);
    }

    [Fact]
    public void What_is_not_mapped_or_cannot_be_registered_is_not_watched()
    {
        using var watched = new Watched();
        ulong address = MapPages(8);
        Unmap(address + (3 * Page), Page);
        Assert.False(watched.Watch.TryWatch(Pages(address, 8)));
        Assert.True(watched.Watch.TryWatch(Pages(address, 3)));
        string line = File.ReadLines("/proc/self/maps").First(line => line.EndsWith("[vdso]", StringComparison.Ordinal));
        ulong vdso = Convert.ToUInt64(line[..line.IndexOf('-', StringComparison.Ordinal)], 16);
        Assert.False(watched.Watch.TryWatch(Pages(vdso, 1)));
        Unmap(address, 8 * Page);
    }
}
