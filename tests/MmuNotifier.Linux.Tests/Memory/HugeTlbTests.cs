using MmuNotifier.Hmm;

namespace MmuNotifier.Linux.Tests.Memory;

[Collection(PageSharingGroup.Name)]
public sealed class HugeTlbTests
{
    private const ulong Huge = 2 << 20;
    private const ulong Page = MirroredMemory.PageBytes;
    private const string Reserve = "/proc/sys/vm/nr_hugepages";
    private const Protection ReadWrite = Protection.Read | Protection.Write;

    [Fact]
    public void Huge_pages_are_mapped_stored_to_forked_and_unmapped()
    {
        string before = File.ReadAllText(Reserve);
        try
        {
            using var memory = new LinuxMemory();
            RequireHugePages(memory);
            Assert.Equal(Errno.None, memory.Map(0, 1, ReadWrite, MapFlags.Private | MapFlags.HugeTlb, out ulong address));
            Mapping mapping = Assert.Single(memory.GetMappings());
            Assert.Equal((AddressRange.FromLength(address, Huge), (byte)9), (mapping.Range, mapping.PageOrder));
            Assert.Equal(Errno.None, memory.Store(address + Huge - 1, [7]));
            var entries = new PageEntry[Huge / Page];
            memory.GetPages(mapping.Range, entries);
            Assert.All(entries, entry => Assert.True(entry is { State: PageState.Present, IsWritable: true, Order: 9 }));
            var recorder = new EventRecorder();
            memory.Space.Insert(recorder);
            using (VirtualMemory child = memory.Fork())
            {
                Assert.Equal(Errno.None, memory.Store(address, [8]));
                byte[] read = new byte[2];
                Assert.Equal(Errno.None, child.Load(address, read.AsSpan(0, 1)));
                Assert.Equal(Errno.None, child.Load(address + Huge - 1, read.AsSpan(1)));
                Assert.Equal([0, 7], read);
            }

            Assert.Equal(Errno.InvalidArgument, memory.Unmap(address, Page));
            Assert.Equal(Errno.None, memory.Unmap(address, Huge));
            recorder.Remove(TestContext.Current.CancellationToken);
            Assert.Equal((InvalidationEvent.Clear, mapping.Range), recorder.Events[0]);
            Assert.Equal((InvalidationEvent.Clear, mapping.Range), recorder.Events[1]);
            Assert.Equal((InvalidationEvent.Unmap, mapping.Range), recorder.Events[^1]);
            Assert.Empty(memory.GetMappings());
        }
        finally
        {
            Set(before);
        }
    }

    [Fact]
    public void Without_reserved_pages_the_lack_is_told_and_a_mapping_refused()
    {
        using var memory = new LinuxMemory();
        Assert.SkipWhen(memory.WhyUnsupported(MemoryFeature.HugeTlb) is null, "The machine has huge pages reserved.");
        Assert.Contains("nr_hugepages", memory.WhyUnsupported(MemoryFeature.HugeTlb), StringComparison.Ordinal);
        Assert.Equal(Errno.NoMemory, memory.Map(0, Huge, ReadWrite, MapFlags.Private | MapFlags.HugeTlb, out _));
    }

    private static void RequireHugePages(LinuxMemory memory)
    {
        if (memory.WhyUnsupported(MemoryFeature.HugeTlb) is null)
            return;
        Set("4");
        string? lack = memory.WhyUnsupported(MemoryFeature.HugeTlb);
        Assert.SkipWhen(lack is not null, lack ?? "");
    }

    private static void Set(string pages)
    {
        try
        {
            File.WriteAllText(Reserve, pages);
        }
        catch (Exception exception) when (exception is UnauthorizedAccessException or IOException)
        {
            TestContext.Current.TestOutputHelper?.WriteLine("The reserve of huge pages cannot be changed: " + exception.Message);
        }
    }
}
