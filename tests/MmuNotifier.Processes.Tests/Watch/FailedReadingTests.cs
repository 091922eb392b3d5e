using MmuNotifier.Linux;

namespace MmuNotifier.Processes.Tests.Watch;

/// <summary>
/// Reading the mappings fails once, at each of its calls in turn, while the process maps more. The next reading finds them all.
/// </summary>
public sealed class FailedReadingTests : IDisposable
{
    private const int Again = 11;
    private const int MappedEachTime = 16;

    /// <summary>The kernel does not join such mappings.</summary>
    private const int SharedAnonymous = 0x21;

    private readonly List<NativeMemory> _mapped = [];

    public void Dispose() => _mapped.ForEach(memory => memory.Dispose());

    [Fact]
    public void A_reading_that_fails_at_any_call_changes_nothing_for_the_next()
    {
        using var pipe = new MessagePipe();
        int processId = Environment.ProcessId;
        using var watch = new WatchedProcess(
            processId,
            new UserfaultfdDescriptor(pipe.Reader),
            ProcessDescriptor.Open(processId, out _)!,
            PageMap.Open(processId, out _)!,
            ProcessMaps.Open(processId, new MappingNameCache(), out _)!,
            Syscall.OpenForReading("/proc/self/mem", out _)!,
            holder: null,
            hasForkEvents: true);
        Assert.True(watch.Refresh(MemorySharing.Unknown));
        bool hasFailed = true;
        for (int failing = 1; hasFailed; failing++)
        {
            MapMore();
            int reads = 0;
            using (new ThreadFaults(call => call == "read" && ++reads == failing ? Again : 0))
                watch.Refresh(MemorySharing.Unknown);
            hasFailed = reads >= failing;

            Assert.True(watch.Refresh(MemorySharing.Unknown));
            foreach (NativeMemory memory in _mapped)
                Assert.Contains(watch.Mappings, mapping => mapping.Mapping.Start == memory.Start);
        }
    }

    private void MapMore()
    {
        for (int i = 0; i < MappedEachTime; i++)
            _mapped.Add(new NativeMemory(1, SharedAnonymous));
    }
}
