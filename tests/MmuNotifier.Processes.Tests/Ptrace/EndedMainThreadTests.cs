using MmuNotifier.Linux;

namespace MmuNotifier.Processes.Tests.Ptrace;

/// <summary>
/// A process whose main thread has ended while another lives: its own number names a zombie without memory and descriptors.
/// </summary>
[Collection(PtraceGroup.Name)]
public sealed class EndedMainThreadTests : IDisposable
{
    private readonly PtraceThread _thread = new();
    private readonly Target _target = Target.StartProgram("leaderless");

    public EndedMainThreadTests() =>
        Patience.Until(() => ProcessStatus.ReadWithoutStart(_target.ProcessId) is { State: 'Z' }, "the main thread has ended");

    public void Dispose()
    {
        _target.Dispose();
        _thread.Dispose();
    }

    [Fact]
    public void The_process_is_shown_under_the_number_of_the_other_thread()
    {
        int found = LiveThread.Find(_target.ProcessId);
        Assert.NotEqual(0, found);
        Assert.NotEqual(_target.ProcessId, found);
        var thread = new LiveThread(_target.ProcessId);
        Assert.True(thread.LookAgain());
        Assert.Equal(found, thread.Id);
        Tools.Signal(_target.ProcessId, Tools.SigKill);
        _target.WaitForExit();
        Assert.False(thread.LookAgain());
        Assert.Equal(0, LiveThread.Find(_target.ProcessId));
    }

    [Fact]
    public void It_is_frozen_and_released()
    {
        using (StoppedProcess process = StoppedProcess.Freeze(_thread, _target.ProcessId))
            Assert.Equal([LiveThread.Find(_target.ProcessId)], process.ThreadIds);
        _target.AssertUnharmed();
    }

    [Fact]
    public void A_userfaultfd_is_made_in_it()
    {
        UserfaultfdInjection.Create(_thread, _target.ProcessId).Handle.Dispose();
        _target.AssertUnharmed();
    }

    [Fact]
    public unsafe void Its_memory_is_read_by_the_number_of_the_process()
    {
        using TargetMappings mappings = TargetMappings.Of(LiveThread.Find(_target.ProcessId));
        ProcessMapping stack = mappings.FindMainStack()!.Value;
        byte* page = stackalloc byte[4096];
        Assert.Equal(4096, ProcessMemory.Read(_target.ProcessId, stack.Last - 4095, stack.Last, page).Bytes);
    }

    [Fact]
    public void Others_find_what_it_shares()
    {
        var names = new MappingNameCache();
        var mappings = new List<ProcessMapping>();
        using ProcessMaps? maps = ProcessMaps.Open(LiveThread.Find(_target.ProcessId), names, out _);
        Assert.NotNull(maps);
        Assert.Equal(Errno.None, maps.Read(mappings));
        HashSet<FileIdentity> files =
            [.. mappings.Where(mapping => mapping.Shared && mapping.IsFileBacked).Select(mapping => FileIdentity.Of(in mapping))];
        Assert.NotEmpty(files);
        SharedMemoryPeers peers = SharedMemoryPeers.Find(files, new HashSet<int>(), names);
        Assert.Contains(peers.Peers, peer => peer.ProcessId == _target.ProcessId && peer.Writable);
    }
}
