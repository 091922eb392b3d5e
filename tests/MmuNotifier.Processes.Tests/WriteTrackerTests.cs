using MmuNotifier.Processes.Tests.Ptrace;

namespace MmuNotifier.Processes.Tests;

[Collection(PtraceGroup.Name)]
public sealed class WriteTrackerTests : IDisposable
{
    private const ulong Page = 4096;

    private readonly string _folder = Directory.CreateTempSubdirectory("mmun-writes").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Each_answer_has_the_pages_written_since_the_one_before()
    {
        using PythonChild child = LiveProcessTests.StartChild();
        ulong address = child.Address("anon(40960)");
        child.Call($"fill({address}, 1, 40960)");
        using LiveProcess process = LiveProcessTests.Attach(child);
        using WriteTracker writes = process.TrackWrites();
        Assert.Equal([], Written(writes, address, 10));

        child.Call($"write({address + (2 * Page)}, 2)");
        child.Call($"write({address + (3 * Page)}, 2)");
        child.Call($"write({address + (7 * Page)}, 2)");

        WrittenPages written = writes.Take();
        Assert.Contains(new AddressRange(address + (2 * Page), address + (4 * Page) - 1), written.Ranges);
        Assert.Equal(3, written.CountIn(AddressRange.FromLength(address, 40960)));
        Assert.Equal(1, written.CountIn(new AddressRange(address + (3 * Page) + 5, address + (3 * Page) + 6)));
        Assert.Equal(0, written.CountIn(AddressRange.FromLength(address + (4 * Page), Page)));
        Assert.Equal(written.Ranges.Sum(range => (long)(range.Length / Page)), written.PageCount);
        Assert.True(written.Period > TimeSpan.Zero);
        Assert.Equal([], Written(writes, address, 10));

        child.Call($"write({address + (7 * Page)}, 3)");
        WrittenPages next = writes.Take();
        Assert.Equal(1, next.CountIn(AddressRange.FromLength(address, 40960)));
        Assert.True(next.Since >= written.Since);
    }

    [Fact]
    public void What_is_in_memory_and_mapped_is_that_of_the_last_look()
    {
        using PythonChild child = LiveProcessTests.StartChild();
        ulong address = child.Address("anon(40960)");
        child.Call($"fill({address}, 1, 12288)");
        child.Call($"read({address + (5 * Page)})");
        using LiveProcess process = LiveProcessTests.Attach(child);
        using WriteTracker writes = process.TrackWrites();
        Assert.Equal([0, 1, 2, 5], Resident());
        Assert.Contains(writes.GetMappings(), mapping => mapping.Range.Contains(address));

        child.Call($"fill({address + (8 * Page)}, 1, 8192)");
        child.Call($"madvise({address}, 4096, 4)");
        Assert.Equal([0, 1, 2, 5], Resident());
        writes.Take();
        Assert.Equal([1, 2, 5, 8, 9], Resident());
        Assert.Equal(process.GetMappings(), writes.GetMappings());

        writes.Dispose();
        Assert.Throws<ObjectDisposedException>(() => writes.GetMappings());
        Assert.Throws<ObjectDisposedException>(() => writes.GetResident());

        List<ulong> Resident()
        {
            IReadOnlyList<AddressRange> resident = writes.GetResident();
            Assert.All(resident.Zip(resident.Skip(1)), pair => Assert.True(pair.First.Last + 1 < pair.Second.Start));
            return [.. Enumerable.Range(0, 10).Select(page => (ulong)page)
                .Where(page => resident.Any(range => range.Contains(address + (page * Page))))];
        }
    }

    [Fact]
    public void Pages_that_were_dropped_moved_or_mapped_again_count_as_well()
    {
        using PythonChild child = LiveProcessTests.StartChild();
        ulong address = child.Address("anon(40960)");
        child.Call($"fill({address}, 1, 40960)");
        using LiveProcess process = LiveProcessTests.Attach(child);
        using WriteTracker writes = process.TrackWrites();

        child.Call($"madvise({address}, 4096, 4)");
        child.Call($"munmap({address + (4 * Page)}, 4096)");
        child.Call($"libc.mmap({address + (4 * Page)}, 4096, 3, 0x32, -1, 0)");
        child.Call($"munmap({address + (9 * Page)}, 4096)");

        Patience.Until(() => Take() is [0, 4], "the pages, without the one that is no longer mapped");

        ulong[] Take()
        {
            _seen.UnionWith(Written(writes, address, 10));
            return [.. _seen.Order()];
        }
    }

    private readonly HashSet<ulong> _seen = [];

    /// <summary>A page that was written since it was armed leaves nothing in the page table when the kernel takes it away.</summary>
    [Fact]
    public void A_shared_page_that_was_written_and_taken_out_of_memory_counts()
    {
        const int pageOut = 21;
        using PythonChild child = LiveProcessTests.StartChild();
        ulong address = child.Address("anon(40960, 0x21)");
        child.Call($"fill({address}, 1, 40960)");
        using LiveProcess process = LiveProcessTests.Attach(child);
        using WriteTracker writes = process.TrackWrites();
        Assert.Equal([], Written(writes, address, 10));

        child.Call($"write({address + (2 * Page)}, 2)");
        child.Call($"madvise({address}, 40960, {pageOut})");

        Assert.Equal([2], Written(writes, address, 10));
    }

    [Fact]
    public void Two_trackers_and_a_core_do_not_take_from_each_other()
    {
        using PythonChild child = LiveProcessTests.StartChild();
        ulong address = child.Address("anon(8192)");
        child.Call($"fill({address}, 1, 8192)");
        using LiveProcess process = LiveProcessTests.Attach(child);
        using WriteTracker first = process.TrackWrites();
        using WriteTracker second = process.TrackWrites();

        child.Call($"write({address}, 2)");
        process.WriteCore(Path.Combine(_folder, "core"), new CoreOptions { MaxStop = Patience.Limit });
        Assert.Equal([0ul], Written(first, address, 2));
        child.Call($"write({address + Page}, 2)");
        Assert.Equal([1ul], Written(first, address, 2));

        Assert.Equal([0ul, 1ul], Written(second, address, 2));
    }

    [Fact]
    public void In_a_freeze_the_answer_is_of_its_moment()
    {
        using PythonChild child = LiveProcessTests.StartChild();
        ulong address = child.Address("anon(8192)");
        child.Call($"fill({address}, 1, 8192)");
        using LiveProcess process = LiveProcessTests.Attach(child);
        using WriteTracker writes = process.TrackWrites();
        child.Call($"write({address}, 2)");
        using (process.Freeze(Patience.Limit))
        {
            Assert.Equal([0ul], Written(writes, address, 2));
            Assert.Equal(0, writes.Take().PageCount);
        }

        child.Call($"write({address + Page}, 2)");
        Assert.Equal([1ul], Written(writes, address, 2));
    }

    [Fact]
    public void Shared_memory_that_another_process_writes_is_named()
    {
        using PythonChild child = LiveProcessTests.StartChild();
        ulong address = child.Address("anon(8192, 0x21)");
        child.Call($"fill({address}, 1, 8192)");
        int other = (int)child.Call("fork_waiting()");
        using LiveProcess process = LiveProcessTests.Attach(child);
        using WriteTracker writes = process.TrackWrites();
        child.Call($"write({address}, 2)");

        WrittenPages written = writes.Take();

        LiveMapping shared = Assert.Single(written.NotSeen, mapping => mapping.Range.Contains(address));
        Assert.Contains($"shared with process {other}", shared.NotSeen, StringComparison.Ordinal);
        Assert.Equal(1, written.CountIn(AddressRange.FromLength(address, 8192)));
        child.Call($"kill({other})");
    }

    [Fact]
    public void A_file_that_is_changed_by_write_is_named()
    {
        using PythonChild child = LiveProcessTests.StartChild();
        string path = Path.Combine(_folder, "file");
        File.WriteAllBytes(path, new byte[4096]);
        File.SetLastWriteTimeUtc(path, DateTime.UtcNow.AddHours(-1));
        ulong address = child.Address($"anon(4096, 1, os.open('{path}', os.O_RDWR))");
        child.Call($"read({address})");
        using LiveProcess process = LiveProcessTests.Attach(child);
        using WriteTracker writes = process.TrackWrites();
        // A file that has just been changed may change again within the same tick of its clock.
        Patience.Until(() => !IsNamed(), "the file counts as settled");

        File.WriteAllBytes(path, [1, 2, 3, 4]);

        Assert.True(IsNamed());

        bool IsNamed() => writes.Take().NotSeen.Any(mapping => mapping.Name == path);
    }

    [Fact]
    public void After_the_tracker_is_disposed_it_throws_and_the_process_goes_on()
    {
        using PythonChild child = LiveProcessTests.StartChild();
        using LiveProcess process = LiveProcessTests.Attach(child);
        WriteTracker writes = process.TrackWrites();

        writes.Dispose();
        writes.Dispose();

        Assert.Throws<ObjectDisposedException>(() => writes.Take());
        Assert.NotEmpty(process.GetMappings());
    }

    /// <summary>The numbers of the pages, from an address on, that the answer has.</summary>
    private static List<ulong> Written(WriteTracker writes, ulong address, ulong pages)
    {
        WrittenPages written = writes.Take();
        var found = new List<ulong>();
        for (ulong i = 0; i < pages; i++)
        {
            if (written.CountIn(AddressRange.FromLength(address + (i * Page), Page)) > 0)
                found.Add(i);
        }

        return found;
    }
}
