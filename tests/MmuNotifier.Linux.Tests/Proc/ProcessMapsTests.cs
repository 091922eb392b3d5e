using System.Text;

namespace MmuNotifier.Linux.Tests.Proc;

public sealed class ProcessMapsTests
{
    private readonly MappingNameCache _names = new();
    private readonly List<ProcessMapping> _mappings = [];

    [Theory]
    [InlineData("7f00-8f00 r--p 00001000 fe:10 332096        /usr/lib/a b.so", MappingKind.File, "/usr/lib/a b.so")]
    [InlineData("7f00-8f00 rw-p 00000000 00:00 0 ", MappingKind.Anonymous, "")]
    [InlineData("7f00-8f00 rw-p 00000000 00:00 0     [heap]", MappingKind.Heap, "[heap]")]
    [InlineData("7f00-8f00 rw-p 00000000 00:00 0     [stack]", MappingKind.Stack, "[stack]")]
    [InlineData("7f00-8f00 r--p 00000000 00:00 0     [vvar_vclock]", MappingKind.Vvar, "[vvar_vclock]")]
    [InlineData("7f00-8f00 r-xp 00000000 00:00 0     [vdso]", MappingKind.Vdso, "[vdso]")]
    [InlineData("7f00-8f00 --xp 00000000 00:00 0     [vsyscall]", MappingKind.Vsyscall, "[vsyscall]")]
    [InlineData("7f00-8f00 rw-p 00000000 00:00 0     [anon:x]", MappingKind.Anonymous, "[anon:x]")]
    [InlineData("7f00-8f00 rw-s 00000000 00:01 45    /memfd:x (deleted)", MappingKind.Memfd, "/memfd:x (deleted)")]
    [InlineData("7f00-8f00 rw-s 00000000 00:01 7     /dev/zero (deleted)", MappingKind.SharedAnonymous, "/dev/zero (deleted)")]
    [InlineData("7f00-8f00 rw-s 00000000 00:01 7     /SYSV00000000 (deleted)", MappingKind.SystemVSharedMemory, "/SYSV00000000 (deleted)")]
    [InlineData("7f00-8f00 rw-s 00000000 00:0e 7     /secretmem (deleted)", MappingKind.Secret, "/secretmem (deleted)")]
    [InlineData("7f00-8f00 rw-s 00000000 00:0e 7     anon_inode:[io_uring]", MappingKind.Device, "anon_inode:[io_uring]")]
    [InlineData("7f00-8f00 rw-s 00000000 00:05 7     /dev/dri/card0", MappingKind.Device, "/dev/dri/card0")]
    [InlineData("7f00-8f00 rw-s 00000000 00:19 7     /dev/shm/x", MappingKind.File, "/dev/shm/x")]
    public void Kinds_are_told_by_their_names(string line, object kind, string name)
    {
        ProcessMapping mapping = Parse(line + "\n");
        Assert.Equal(((MappingKind)kind, name), (mapping.Kind, mapping.Name));
        Assert.Equal((0x7F00UL, 0x8EFFUL), (mapping.Start, mapping.Last));
    }

    [Fact]
    public void Every_field_is_read()
    {
        ProcessMapping mapping = Parse("7f241037f000-7f2410383000 r-xs 001cf000 fe:1f 332096   /x\n");
        Assert.Equal(
            new ProcessMapping(
                0x7F241037F000, 0x7F2410382FFF, MappingProtection.Read | MappingProtection.Execute, true, MappingKind.File, 0x1CF000,
                0xFE0001F, 332096, "/x"),
            mapping);
    }

    [Fact]
    public void Half_a_line_is_left_for_the_next_call()
    {
        byte[] text = Encoding.UTF8.GetBytes("1000-2000 rw-p 00000000 00:00 0 \n2000-3000 rw-p 000");
        Assert.Equal(33, MapsParser.ParseLines(text, _names, _mappings));
        Assert.Single(_mappings);
    }

    [Fact]
    public void Own_mappings_are_those_that_the_runtime_reads()
    {
        using ProcessMaps maps = Open(Environment.ProcessId);
        using var memory = new NativeMemory(3, protection: 1);
        Assert.Equal(Errno.None, maps.Read(_mappings));
        ProcessMapping mapping = _mappings.Find(each => each.Contains(memory.PageAt(1)));
        Assert.Equal(MappingProtection.Read, mapping.Protection);
        Assert.True(mapping.Start <= memory.Start && mapping.Last >= memory.Last);
        Assert.Contains(_mappings, m => m.Kind == MappingKind.Vdso);
        Assert.Contains(_mappings, m => m.Kind == MappingKind.Stack);
        // Other threads of this process map meanwhile, and the text comes in several reads, each going on behind the end of the last line:
        // a mapping that was joined with one shown before starts again below it. So only the ends ascend.
        for (int i = 1; i < _mappings.Count; i++)
            Assert.True(_mappings[i - 1].Last < _mappings[i].Last);
    }

    [Fact]
    public void Reading_again_allocates_nothing()
    {
        using PythonChild child = PythonChild.Start();
        using ProcessMaps maps = Open(child.ProcessId);
        maps.Read(_mappings);
        maps.Read(_mappings);
        long before = GC.GetAllocatedBytesForCurrentThread();
        maps.Read(_mappings);
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    [Fact]
    public void Query_agrees_with_the_text()
    {
        using PythonChild child = PythonChild.Start();
        using ProcessMaps maps = Open(child.ProcessId);
        maps.Read(_mappings);
        foreach (ProcessMapping mapping in _mappings)
        {
            Errno error = maps.Query(mapping.Start, out QueriedMapping queried);
            Assert.SkipWhen(error == Errno.NotTypewriter, "no PROCMAP_QUERY in this kernel");
            // The vsyscall page is in the text only.
            if (mapping.Kind == MappingKind.Vsyscall)
                continue;
            Assert.Equal(
                new QueriedMapping(
                    mapping.Start, mapping.Last, mapping.Protection, mapping.Shared, mapping.Offset, mapping.Device, mapping.Inode, 4096),
                queried);
        }

        Assert.Equal(Errno.NoEntry, maps.Query(0x7FFF_FFFF_E000, out _));
    }

    [Fact]
    public void Query_with_names_agrees_with_the_text()
    {
        using PythonChild child = PythonChild.Start();
        using ProcessMaps maps = Open(child.ProcessId);
        maps.Read(_mappings);
        Assert.Contains(_mappings, mapping => mapping.IsMainStack);
        Assert.Contains(_mappings, mapping => mapping.Kind == MappingKind.File);
        foreach (ProcessMapping mapping in _mappings.Where(mapping => mapping.Kind != MappingKind.Vsyscall))
        {
            Errno error = maps.QueryWithName(mapping.Last, out ProcessMapping queried);
            Assert.SkipWhen(error == Errno.NotTypewriter, "no PROCMAP_QUERY in this kernel");
            Assert.Equal(mapping, queried);
        }
    }

    [Fact]
    public void After_exec_the_maps_answer_gone()
    {
        using PythonChild child = PythonChild.Start();
        using ProcessMaps maps = Open(child.ProcessId);
        child.Begin("execute()");
        Assert.True(SpinWait.SpinUntil(() => maps.Read(_mappings) == Errno.NoProcess, Patience.Limit));
        Assert.Equal(Errno.NoProcess, maps.Query(4096, out _));
    }

    private static ProcessMaps Open(int processId) => ProcessMaps.Open(processId, new MappingNameCache(), out _)!;

    private ProcessMapping Parse(string line)
    {
        MapsParser.ParseLines(Encoding.UTF8.GetBytes(line), _names, _mappings);
        return Assert.Single(_mappings);
    }
}
