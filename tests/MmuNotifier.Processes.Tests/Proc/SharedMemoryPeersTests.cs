using System.Runtime.InteropServices;
using MmuNotifier.Linux.Proc;
using MmuNotifier.Processes.Proc;

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
        SharedMemoryPeers peers = Find(files, [child.ProcessId], alsoDescriptors: false);
        Assert.Equal([new SharedMemoryPeer(file, other, Writable: true, ByDescriptor: false)], peers.Peers);
        Assert.False(peers.IsExclusive);
        Assert.Empty(Find(files, [child.ProcessId, other], alsoDescriptors: false).Peers);
        child.Call($"kill({other})");
    }

    [Fact]
    public void Process_that_only_has_the_file_open_is_found_when_asked_for()
    {
        using PythonChild child = PythonChild.Start();
        int descriptor = (int)child.Call("memfd(8192)");
        int other = (int)child.Call("fork_waiting()");
        child.Address($"anon(8192, 1, {descriptor})");
        HashSet<FileIdentity> files = SharedFiles(child.ProcessId, MappingKind.Memfd);
        Assert.Empty(Find(files, [child.ProcessId], alsoDescriptors: false).Peers);
        SharedMemoryPeer peer = Assert.Single(Find(files, [child.ProcessId], alsoDescriptors: true).Peers);
        Assert.Equal((other, true, true), (peer.ProcessId, peer.Writable, peer.ByDescriptor));
        child.Call($"kill({other})");
    }

    private SharedMemoryPeers Find(HashSet<FileIdentity> files, HashSet<int> frozen, bool alsoDescriptors) =>
        SharedMemoryPeers.Find(files, frozen, alsoDescriptors, _names);

    private HashSet<FileIdentity> SharedFiles(int process, MappingKind kind)
    {
        using ProcessMaps maps = ProcessMaps.Open(process, _names, out _)!;
        var mappings = new List<ProcessMapping>();
        maps.Read(mappings);
        mappings.RemoveAll(mapping => mapping.Kind != kind);
        var files = new HashSet<FileIdentity>();
        SharedMemoryPeers.AddSharedFiles(CollectionsMarshal.AsSpan(mappings), files);
        return files;
    }
}
