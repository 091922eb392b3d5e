using System.Globalization;
using System.Runtime.InteropServices;
using MmuNotifier.Hmm;

namespace MmuNotifier.Linux.Tests.Memory;

[Collection(PageSharingGroup.Name)]
public sealed partial class ForkTests
{
    private const ulong Page = MirroredMemory.PageBytes;
    private const Protection ReadWrite = Protection.Read | Protection.Write;

    [Fact]
    public void More_than_the_scratch_file_holds_is_copied_whole()
    {
        using var memory = new LinuxMemory();
        ulong address = Map(memory, 64, MapFlags.Private);
        using VirtualMemory child = memory.Fork();
        byte[] bytes = new byte[(64 * Page) - 7];
        new Random(1).NextBytes(bytes);
        Assert.Equal(Errno.None, child.Store(address + 5, bytes));
        byte[] read = new byte[bytes.Length];
        Assert.Equal(Errno.None, child.Load(address + 5, read));
        Assert.Equal(bytes, read);
    }

    [Fact]
    public void Entries_of_the_child_are_read_and_its_frames_reached()
    {
        using var memory = new LinuxMemory();
        ulong address = Map(memory, 2, MapFlags.Private);
        using VirtualMemory child = memory.Fork();
        Assert.Equal(Errno.None, child.FaultIn(address + Page, isWrite: true));
        var entries = new PageEntry[2];
        child.GetPages(AddressRange.FromLength(address, 2 * Page), entries);
        Assert.Equal(PageState.None, entries[0].State);
        Assert.True(entries[1] is { State: PageState.Present, IsWritable: true });
        Assert.Equal(Errno.None, child.WriteFrame(entries[1].Frame, 8, [5]));
        Assert.Equal(5, Load(child, address + Page + 8));
        Assert.Equal(0, Load(memory, address + Page + 8));
    }

    [Fact]
    public void Files_made_before_and_after_can_be_mapped_by_parent_and_child()
    {
        using var memory = new LinuxMemory();
        using MemoryFile before = memory.CreateFile(Page);
        using VirtualMemory child = memory.Fork();
        using MemoryFile after = child.CreateFile(Page);
        foreach (MemoryFile file in (MemoryFile[])[before, after])
        {
            Assert.Equal(Errno.None, child.Map(0, Page, ReadWrite, MapFlags.Shared, out ulong childAddress, file));
            Assert.Equal(Errno.None, memory.Map(0, Page, ReadWrite, MapFlags.Shared, out ulong ownAddress, file));
            Store(child, childAddress, 9);
            Assert.Equal(9, Load(memory, ownAddress));
            Assert.Equal(MappingBacking.File, Assert.Single(child.GetMappings(), mapping => mapping.Range.Contains(childAddress)).Backing);
        }
    }

    [Fact]
    public void A_fork_announces_private_mappings_with_pages_and_a_copy_announces_its_page()
    {
        using var memory = new LinuxMemory();
        ulong touched = Map(memory, 2, MapFlags.Private);
        ulong shared = Map(memory, 2, MapFlags.Shared);
        Assert.Equal(Errno.None, memory.Protect(touched, Page, Protection.Read | Protection.Write | Protection.Execute));
        Store(memory, touched, 1);
        Store(memory, shared, 1);
        var recorder = new EventRecorder();
        memory.Space.Insert(recorder);
        using VirtualMemory child = memory.Fork();
        var childRecorder = new EventRecorder();
        child.Space.Insert(childRecorder);
        Store(memory, touched, 2);
        Store(memory, touched, 3);
        Store(child, touched, 4);
        recorder.Remove(TestContext.Current.CancellationToken);
        childRecorder.Remove(TestContext.Current.CancellationToken);
        var page = AddressRange.FromLength(touched, Page);
        Assert.Equal([(InvalidationEvent.ProtectionPage, page), (InvalidationEvent.Clear, page)], recorder.Events);

        // Who writes last has the page alone: no copy, no announcement.
        Assert.Empty(childRecorder.Events);
    }

    [Fact]
    public void The_child_announces_its_changes_in_its_own_space_only()
    {
        using var memory = new LinuxMemory();
        ulong address = Map(memory, 2, MapFlags.Private);
        Store(memory, address, 1);
        using VirtualMemory child = memory.Fork();
        var recorder = new EventRecorder();
        memory.Space.Insert(recorder);
        var childRecorder = new EventRecorder();
        child.Space.Insert(childRecorder);
        Store(child, address, 4);
        Assert.Equal(Errno.None, child.Unmap(address, 2 * Page));
        recorder.Remove(TestContext.Current.CancellationToken);
        childRecorder.Remove(TestContext.Current.CancellationToken);
        Assert.Empty(recorder.Events);
        Assert.Equal(
            [
                (InvalidationEvent.Clear, AddressRange.FromLength(address, Page)),
                (InvalidationEvent.Unmap, AddressRange.FromLength(address, 2 * Page)),
            ],
            childRecorder.Events);
    }

    [Fact]
    public void Pages_that_a_device_has_come_back_before_the_fork()
    {
        using var memory = new LinuxMemory();
        Assert.SkipWhen(memory.WhyUnsupported(MemoryFeature.Exclusive) is not null, memory.WhyUnsupported(MemoryFeature.Exclusive) ?? "");
        ulong address = Map(memory, 2, MapFlags.Private);
        Store(memory, address, 1);
        ulong[] frames = new ulong[2];
        Assert.Equal(Errno.None, memory.MakeExclusive(AddressRange.FromLength(address, 2 * Page), this, frames));
        Assert.Equal(Errno.None, memory.WriteFrame(frames[1], 0, [2]));
        using VirtualMemory child = memory.Fork();
        Assert.Equal([1, 2], [Load(child, address), Load(child, address + Page)]);
        var entries = new PageEntry[2];
        memory.GetPages(AddressRange.FromLength(address, 2 * Page), entries);
        Assert.All(entries, entry => Assert.True(entry is { State: PageState.Present, IsWritable: false }));
        Store(memory, address + Page, 3);
        Assert.Equal(2, Load(child, address + Page));
        Assert.Equal(Errno.NotSupported, child.MakeExclusive(AddressRange.FromLength(address, Page), this, frames.AsSpan(0, 1)));
        Assert.NotNull(child.WhyUnsupported(MemoryFeature.Exclusive));
    }

    [Fact]
    public void A_truncation_is_announced_in_parent_and_child()
    {
        using var memory = new LinuxMemory();
        using MemoryFile file = memory.CreateFile(2 * Page);
        Assert.Equal(Errno.None, memory.Map(0, 2 * Page, ReadWrite, MapFlags.Shared, out ulong address, file));
        using VirtualMemory child = memory.Fork();
        EventRecorder[] recorders = [new(), new()];
        memory.Space.Insert(recorders[0]);
        child.Space.Insert(recorders[1]);
        Assert.Equal(Errno.None, file.Truncate(Page));
        Assert.Equal(Errno.None, child.Advise(address, Page, Advice.Remove));
        foreach (EventRecorder recorder in recorders)
        {
            recorder.Remove(TestContext.Current.CancellationToken);
            Assert.Equal((InvalidationEvent.Clear, AddressRange.FromLength(address + Page, Page)), recorder.Events[0]);
            Assert.Contains(recorder.Events[1..], found => found.Event == InvalidationEvent.Clear && found.Range.Contains(address));
        }
    }

    [Fact]
    public void A_child_has_no_descriptor_but_its_scratch_file()
    {
        using var memory = new LinuxMemory();
        using var child = (LinuxMemory)memory.Fork();
        string descriptor = Assert.Single(Directory.GetFileSystemEntries(ProcOf(child) + "/fd"));
        string target = File.ResolveLinkTarget(descriptor, returnFinalTarget: false)!.Name;
        Assert.StartsWith("memfd:mmunotifier-scratch", target, StringComparison.Ordinal);
    }

    [Fact]
    public void Disposing_a_child_ends_and_reaps_it_and_releases_its_notifiers()
    {
        using var memory = new LinuxMemory();
        ulong address = Map(memory, 1, MapFlags.Private);
        var child = (LinuxMemory)memory.Fork();
        string proc = ProcOf(child);
        Assert.True(Directory.Exists(proc));
        child.Dispose();
        child.Dispose();
        Assert.False(Directory.Exists(proc));
        Assert.True(child.Space.HasExited);
        Assert.Equal(Errno.NoProcess, child.Map(0, Page, ReadWrite, MapFlags.Private, out _));
        Assert.Equal(Errno.BadAddress, child.Store(address, [1]));
    }

    [Fact]
    public void A_child_that_was_killed_answers_so_and_is_reaped()
    {
        using var memory = new LinuxMemory();
        ulong address = Map(memory, 1, MapFlags.Private);
        string proc;
        using (var child = (LinuxMemory)memory.Fork())
        {
            proc = ProcOf(child);
            using (System.Diagnostics.Process process = System.Diagnostics.Process.GetProcessById(child.ProcessId))
                process.Kill();
            Assert.Equal(Errno.NoProcess, child.Store(address, [1]));
            Assert.Equal(Errno.NoProcess, child.Protect(address, Page, Protection.Read));
            Assert.Throws<InvalidOperationException>(child.Fork);
            Assert.Empty(child.GetMappings());
        }

        Assert.False(Directory.Exists(proc));
        Store(memory, address, 1);
    }

    [Fact]
    public void Children_come_and_go_while_others_write_in_parent_and_child()
    {
        using var memory = new LinuxMemory();
        ulong address = Map(memory, 16, MapFlags.Private);
        using VirtualMemory elder = memory.Fork();
        using var stop = new CancellationTokenSource();
        Task[] writers = [Task.Run(() => Write(memory)), Task.Run(() => Write(elder))];
        for (int i = 0; i < 50; i++)
        {
            using VirtualMemory child = (i % 2 == 0 ? memory : elder).Fork();
            byte first = Load(child, address);
            Store(memory, address + (8 * Page), (byte)i);
            Assert.Equal(first, Load(child, address));
        }

        stop.Cancel();
        Assert.True(Task.WaitAll(writers, Patience.Limit));

        void Write(VirtualMemory target)
        {
            for (byte value = 1; !stop.IsCancellationRequested; value++)
            {
                for (ulong page = 0; page < 8; page++)
                {
                    Store(target, address + (page * Page), value);
                    if (Load(target, address + (page * Page)) != value)
                        throw new InvalidOperationException("A write was lost.");
                }
            }
        }
    }

    /// <summary>With less address space than a move with DontUnmap needs, the kernel fails after it has unmapped the destination.</summary>
    [Fact]
    public void A_fixed_remap_that_fails_late_leaves_nothing_mapped_at_its_destination()
    {
        const int addressSpaceLimit = 9;
        const RemapFlags flags = RemapFlags.MayMove | RemapFlags.Fixed | RemapFlags.DontUnmap;
        using var memory = new LinuxMemory();
        ulong from = Map(memory, 4, MapFlags.Private);
        ulong to = Map(memory, 4, MapFlags.Private);
        Assert.Equal(Errno.None, memory.Map(to, 4 * Page, ReadWrite, MapFlags.Shared | MapFlags.Fixed, out _)); // Not joined with another.
        using var child = (LinuxMemory)memory.Fork();
        ulong pages = ulong.Parse(File.ReadAllText(ProcOf(child) + "/statm").Split(' ')[0], CultureInfo.InvariantCulture);
        ulong[] limits = [(pages - 2) * Page, (pages - 2) * Page];
        Assert.Equal(0, SetLimit(child.ProcessId, addressSpaceLimit, limits, 0));

        Assert.Equal(Errno.NoMemory, child.Remap(from, 4 * Page, 4 * Page, flags, out _, to));

        Assert.SkipWhen(
            File.ReadLines(ProcOf(child) + "/maps").Any(line => line.StartsWith($"{to:x}-", StringComparison.Ordinal)),
            "This kernel looks at the limit first.");
        var recorder = new EventRecorder();
        child.Space.Insert(recorder);
        child.Unmap(to, 4 * Page);
        Assert.Empty(recorder.Events);
    }

    [LibraryImport("libc", EntryPoint = "prlimit")]
    private static partial int SetLimit(int processId, int resource, ulong[] limits, nint old);

    private static string ProcOf(LinuxMemory memory) => string.Create(CultureInfo.InvariantCulture, $"/proc/{memory.ProcessId}");

    private static ulong Map(VirtualMemory memory, ulong pages, MapFlags flags)
    {
        Assert.Equal(Errno.None, memory.Map(0, pages * Page, ReadWrite, flags, out ulong address));
        return address;
    }

    private static void Store(VirtualMemory memory, ulong address, byte value) => Assert.Equal(Errno.None, memory.Store(address, [value]));

    private static byte Load(VirtualMemory memory, ulong address)
    {
        byte[] read = new byte[1];
        Assert.Equal(Errno.None, memory.Load(address, read));
        return read[0];
    }
}
