using MmuNotifier.Linux;

namespace MmuNotifier.Processes.Tests.Proc;

public sealed class SharedMemoryPeersTests
{
    private readonly MappingNameCache _names = new();

    [Fact]
    public void Child_that_maps_the_same_memory_is_found_until_it_belongs_to_the_set()
    {
        using PythonChild child = PythonChild.Start();
        int other = (int)child.Call($"(anon(8192, 0x21), fork_waiting())[1]");
        HashSet<FileIdentity> files = SharedFiles(child.ProcessId, MappingKind.SharedAnonymous);
        FileIdentity file = Assert.Single(files);
        SharedMemoryPeers peers = Find(files, [child.ProcessId]);
        Assert.Equal([new SharedMemoryPeer(file, other, Writable: true)], peers.Peers);
        Assert.Empty(Find(files, [child.ProcessId, other]).Peers);
        child.Call($"kill({other})");
    }

    private SharedMemoryPeers Find(HashSet<FileIdentity> files, HashSet<int> frozen) => SharedMemoryPeers.Find(files, frozen, _names);

    private HashSet<FileIdentity> SharedFiles(int process, MappingKind kind)
    {
        using ProcessMaps maps = ProcessMaps.Open(process, _names, out _)!;
        var mappings = new List<ProcessMapping>();
        maps.Read(mappings);
        return [.. mappings.Where(mapping => mapping.Kind == kind && mapping.Shared).Select(mapping => FileIdentity.Of(in mapping))];
    }
}
