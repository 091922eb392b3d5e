using Microsoft.Win32.SafeHandles;
using MmuNotifier.Processes.Tests.Ptrace;

namespace MmuNotifier.Processes.Tests.Cores;

/// <summary>Shared memory: what is written through any mapping is in every core, and only that is copied in the stop.</summary>
[Collection(PtraceGroup.Name)]
public sealed class SharedMemoryWritesTests : IDisposable
{
    private const ulong Page = 4096;
    private const int Pages = 2048;
    private const int SharedAnonymous = 0x21;

    private readonly string _folder = Directory.CreateTempSubdirectory("mmun-shared").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void What_a_process_writes_to_its_own_shared_memory_is_copied_and_not_all_of_it()
    {
        using PythonChild child = Start(out ulong memory);

        List<(CoreReport Report, ElfFile Core)> cores = Take([(int)child.Call("os.getpid()")], () => child.Call($"write({memory}, 7)"));

        Assert.Equal([7], cores[0].Core.Read(memory, 1)!);
        AssertLittleInTheStop(cores);
    }

    /// <summary>A page that was written since it was armed leaves nothing in the page table when the kernel takes it away.</summary>
    [Fact]
    public void What_was_written_and_taken_out_of_memory_is_copied()
    {
        const int pageOut = 21;
        using PythonChild child = Start(out ulong memory);

        List<(CoreReport Report, ElfFile Core)> cores = Take(
            [(int)child.Call("os.getpid()")],
            () =>
            {
                child.Call($"fill({memory}, 7, {8 * Page})");
                child.Call($"madvise({memory}, {8 * Page}, {pageOut})");
            });

        Assert.Equal([7], cores[0].Core.Read(memory, 1)!);
        Assert.Equal([7], cores[0].Core.Read(memory + (7 * Page), 1)!);
        AssertLittleInTheStop(cores);
    }

    /// <summary>The parts of a large reservation that have no page have no place in the core, whatever is in the file.</summary>
    [Fact]
    public void Of_a_large_shared_reservation_only_the_pages_that_exist_are_in_the_core()
    {
        const ulong length = 128UL << 20, far = 96UL << 20;
        using PythonChild child = Start(out ulong memory);
        ulong reserved = child.Address($"anon({length}, {SharedAnonymous})");
        int other = (int)child.Call("fork_obeying()");
        child.Call($"let({other}, 'fill({reserved}, 3, {64 * Page})')");
        child.Call($"(write({reserved + far}, 5), mprotect({reserved}, {length}, 0))[0]");

        List<(CoreReport Report, ElfFile Core)> cores = Take([(int)child.Call("os.getpid()")], () => { });

        Assert.Equal([5], cores[0].Core.Read(reserved + far, 1)!);
        Assert.Null(cores[0].Core.Read(reserved, 1));
        byte[] ofAnother = [.. Enumerable.Repeat((byte)1, (int)(Pages * Page))];
        Assert.Equal(ofAnother, cores[0].Core.Read(memory, ofAnother.Length)!);
    }

    [Theory]
    [InlineData("0", "it goes on")]
    [InlineData("munmap({0}, 8388608)", "it unmaps the memory")]
    [InlineData("os._exit(0)", "it ends")]
    public void What_another_process_of_the_tree_writes_last_is_in_both_cores(string last, string after)
    {
        using PythonChild child = Start(out ulong memory);
        int other = (int)child.Call("fork_obeying()");
        ulong written = memory + (5 * Page);
        ulong untouched = memory + (Pages * Page); // The first process has never had this page.

        List<(CoreReport Report, ElfFile Core)> cores = Take([(int)child.Call("os.getpid()"), other], () =>
        {
            child.Call($"let({other}, 'write({written}, 8)')");
            child.Call($"let({other}, 'write({untouched}, 9)')");
            string expression = last.Replace("{0}", $"{memory}", StringComparison.Ordinal);
            if (after == "it ends")
                child.Call($"(os.write(obeying[{other}][0], b'{expression}\\n'), os.waitpid({other}, 0))[0]");
            else
                child.Call($"let({other}, '{expression}')");
        });

        Assert.Equal(after == "it ends" ? 1 : 2, cores.Count);
        Assert.Equal([8], cores[0].Core.Read(written, 1)!);
        Assert.Equal([9], cores[0].Core.Read(untouched, 1)!);
        if (after != "it goes on")
            return;
        Assert.Equal([8], cores[1].Core.Read(written, 1)!);
        Assert.Equal([9], cores[1].Core.Read(untouched, 1)!);
        AssertLittleInTheStop(cores);
    }

    [Fact]
    public void What_is_written_through_a_second_mapping_is_in_the_core_at_both()
    {
        using PythonChild child = Start(out ulong memory);
        ulong second = child.Address($"mremap({memory}, 0, {Pages * Page})");

        List<(CoreReport Report, ElfFile Core)> cores = Take(
            [(int)child.Call("os.getpid()")], () => child.Call($"write({second + (3 * Page)}, 6)"));

        Assert.Equal([6], cores[0].Core.Read(memory + (3 * Page), 1)!);
        Assert.Equal([6], cores[0].Core.Read(second + (3 * Page), 1)!);
        AssertLittleInTheStop(cores);
    }

    /// <summary>In the round that finds the second mapping it is not known yet that the memory is mapped twice.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_mapping_that_is_made_meanwhile_counts(bool areRoundsToCome)
    {
        using PythonChild child = Start(out ulong memory);
        ulong second = 0;

        List<(CoreReport Report, ElfFile Core)> cores = Take(
            [(int)child.Call("os.getpid()")],
            () =>
            {
                second = child.Address($"mremap({memory}, 0, {Pages * Page})");
                child.Call($"fill({second}, 6, {Pages * Page})");
            },
            areRoundsToCome: areRoundsToCome);

        byte[] written = [.. Enumerable.Repeat((byte)6, (int)(Pages * Page))];
        Assert.Equal(written, cores[0].Core.Read(memory, written.Length)!);
        Assert.Equal(written, cores[0].Core.Read(second, written.Length)!);
    }

    [Fact]
    public void Beside_two_processes_that_write_all_the_time_the_cores_have_what_was_there_in_the_stop()
    {
        using PythonChild child = Start(out ulong memory);
        int first = (int)child.Call($"fork_writing({memory}, {Pages})");
        int second = (int)child.Call($"fork_writing({memory}, {Pages})");
        byte[] stopped = new byte[Pages * Page];
        void AfterStep(string step)
        {
            if (step != "copy")
                return;
            using SafeFileHandle all = File.OpenHandle($"/proc/{first}/mem");
            Assert.Equal(stopped.Length, RandomAccess.Read(all, stopped, (long)memory));
        }

        List<(CoreReport Report, ElfFile Core)> cores = Take(
            [(int)child.Call("os.getpid()"), first, second], () => { }, afterStep: AfterStep);

        Assert.Equal(3, cores.Count);
        Assert.All(cores, each => Assert.True(each.Core.Read(memory, stopped.Length)!.AsSpan().SequenceEqual(stopped)));
    }

    private static PythonChild Start(out ulong memory)
    {
        string? missing = KernelProbe.Run().DescribeMissing();
        Assert.SkipWhen(missing is not null, missing ?? "");
        PythonChild child = PythonChild.StartBehindShell();
        memory = child.Address($"anon({(Pages + 1) * Page}, {SharedAnonymous})");
        child.Call($"fill({memory}, 1, {Pages * Page})");
        return child;
    }

    private static void AssertLittleInTheStop(List<(CoreReport Report, ElfFile Core)> cores) =>
        Assert.All(cores, each => Assert.InRange(each.Report.PagesCopiedStopped, 0, Pages / 2));

    /// <param name="processes">The processes.</param>
    /// <param name="beforeStop">Called once, when the rounds have copied everything.</param>
    /// <param name="areRoundsToCome">Whether rounds come after that.</param>
    /// <param name="afterStep">Called after each step of the stop, too.</param>
    private List<(CoreReport Report, ElfFile Core)> Take(
        int[] processes, Action beforeStop, bool areRoundsToCome = false, Action<string>? afterStep = null)
    {
        bool isFirst = true;
        bool WriteOnce()
        {
            if (!isFirst)
                return false;
            isFirst = false;
            beforeStop();
            return areRoundsToCome;
        }

        using var watcher = new ProcessWatcher { AfterStep = afterStep ?? (_ => { }) };
        List<WatchedProcess> watches = [.. processes.Select(process => watcher.Attach(process))];
        var options = new CoreOptions { MaxStop = Patience.Limit };
        using var taking = new CoreTaking(watcher, options, () => { }) { AddMissing = WriteOnce };
        Dictionary<int, CoreFile> files = [];
        foreach (WatchedProcess watch in watches)
        {
            files[watch.ProcessId] = CoreFile.Create(PathOf(watch.ProcessId));
            taking.Add(watch, files[watch.ProcessId]);
        }

        taking.Capture();
        watches.ForEach(watch => watcher.Release(watch));
        List<(CoreReport Report, ElfFile Core)> cores = [];
        foreach (CoreReport report in taking.Finish().Select(result => result.Report))
        {
            files[report.ProcessId].Publish();
            cores.Add((report, ElfFile.Open(PathOf(report.ProcessId))));
        }

        return cores;
    }

    private string PathOf(int processId) => Path.Combine(_folder, FormattableString.Invariant($"core.{processId}"));
}
