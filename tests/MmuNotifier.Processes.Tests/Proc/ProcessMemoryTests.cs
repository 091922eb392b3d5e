using MmuNotifier.Linux;

namespace MmuNotifier.Processes.Tests.Proc;

public sealed unsafe class ProcessMemoryTests
{
    private const ulong Page = 4096;

    [Fact]
    public void Range_is_copied()
    {
        using PythonChild child = PythonChild.Start();
        ulong start = child.Address("anon(16384)");
        child.Call($"fill({start}, 7, 16384)");
        using var target = new NativeMemory(4);
        Assert.Equal(
            new MemoryReadResult(16384, Errno.None), ProcessMemory.Read(child.ProcessId, start, start + 16383, target.Pointer));
        Assert.Equal(-1, new Span<byte>(target.Pointer, 16384).IndexOfAnyExcept((byte)7));
    }

    [Fact]
    public void Bytes_are_written_and_read_up_to_the_first_page_that_cannot_be()
    {
        using PythonChild child = PythonChild.Start();
        ulong start = child.Address("anon(16384)");
        child.Call($"mprotect({start + (2 * Page)}, 4096, 0)");
        byte[] bytes = [.. Enumerable.Repeat((byte)7, 16384)];
        Assert.Equal(8092, ProcessMemory.Write(child.ProcessId, start + 100, bytes));
        byte[] read = new byte[16384];
        Assert.Equal(8192, ProcessMemory.Read(child.ProcessId, start, read));
        Assert.Equal([.. new byte[100], .. bytes[..8092]], read[..8192]);
        Assert.Equal(0, ProcessMemory.Read(child.ProcessId, start + (2 * Page), read));
        Assert.Equal(0, ProcessMemory.Read(child.ProcessId, start, []));
    }

    [Fact]
    public void Reading_stops_at_the_first_page_that_cannot_be_read()
    {
        using PythonChild child = PythonChild.Start();
        ulong start = child.Address("anon(16384)");
        child.Call($"fill({start}, 7, 16384)");
        child.Call($"mprotect({start + (2 * Page)}, 4096, 0)");
        using var target = new NativeMemory(4);
        MemoryReadResult result = ProcessMemory.Read(child.ProcessId, start + 100, start + 16383, target.Pointer);
        Assert.Equal(new MemoryReadResult(8092, Errno.None), result);
        Assert.True(ProcessMemory.Read(child.ProcessId, start + (2 * Page), start + 16383, target.Pointer).Unreadable);
    }

    [Fact]
    public void Vectored_read_stops_at_the_first_page_that_cannot_be_read()
    {
        using PythonChild child = PythonChild.Start();
        ulong start = child.Address("anon(32768)");
        child.Call($"fill({start}, 7, 32768)");
        child.Call($"munmap({start + (4 * Page)}, 4096)");
        IoVector[] ranges =
            [new(start, 100), new(start + Page, 2 * Page), new(start + (3 * Page), 2 * Page), new(start + (5 * Page), Page)];
        using var target = new NativeMemory(8);
        MemoryReadResult result = ProcessMemory.ReadVector(child.ProcessId, ranges, target.Pointer);
        Assert.Equal(100 + (3 * 4096), result.Bytes);
    }

    [Fact]
    public void Pages_that_cannot_be_read_are_passed_over()
    {
        const int pages = 2500;
        using PythonChild child = PythonChild.Start();
        ulong start = child.Address($"anon({pages * 4096})");
        child.Call($"[write({start} + i * 4096, i % 251) for i in range({pages})] and 0");
        int[] bad = [0, 1, 700, 1023, 1024, 1025, 2499];
        foreach (int page in bad)
            child.Call($"mprotect({start + ((ulong)page * Page)}, 4096, 0)");
        ulong[] addresses = [.. Enumerable.Range(0, pages).Select(i => start + ((ulong)i * Page))];
        bool[] wasRead = new bool[pages];
        using var target = new NativeMemory(pages);
        Assert.Equal(Errno.None, ProcessMemory.ReadPages(child.ProcessId, addresses, target.Pointer, wasRead));
        Assert.Equal(bad, Enumerable.Range(0, pages).Where(i => !wasRead[i]));
        Assert.All(Enumerable.Range(0, pages).Except(bad), i => Assert.Equal(i % 251, target.Read(i)));
    }

    [Fact]
    public void Process_that_is_gone_is_told()
    {
        using PythonChild child = PythonChild.Start();
        ulong start = child.Address("anon(4096)");
        child.Kill();
        byte buffer;
        Assert.True(ProcessMemory.Read(child.ProcessId, start, start, &buffer).ProcessGone);
        Assert.Equal(Errno.NoProcess, ProcessMemory.ReadPages(child.ProcessId, [start], &buffer, new bool[1]));
    }

    [Fact]
    public void After_exec_the_number_names_the_new_program()
    {
        using PythonChild child = PythonChild.Start();
        ulong start = child.Address("anon(4096)");
        using PageMap pages = PageMap.Open(child.ProcessId, out _)!;
        child.Begin("execute()");
        Assert.True(SpinWait.SpinUntil(() => !pages.IsAlive(), Patience.Limit));
        byte buffer;
        Assert.True(ProcessMemory.Read(child.ProcessId, start, start, &buffer).Unreadable);
    }

    [Fact]
    public void Reading_allocates_nothing()
    {
        using var source = new NativeMemory(4);
        byte* target = stackalloc byte[4096];
        ProcessMemory.Read(Environment.ProcessId, source.Start, source.Start + 4095, target);
        long before = GC.GetAllocatedBytesForCurrentThread();
        ProcessMemory.Read(Environment.ProcessId, source.Start, source.Start + 4095, target);
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }
}
