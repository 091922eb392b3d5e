using MmuNotifier.Linux;

namespace MmuNotifier.Processes;

/// <summary>Somebody outside the frozen set who can reach a file that the set shares.</summary>
/// <param name="File">The shared file.</param>
/// <param name="ProcessId">The process outside.</param>
/// <param name="Writable">Whether its mapping permits writing now.</param>
internal readonly record struct SharedMemoryPeer(FileIdentity File, int ProcessId, bool Writable);

/// <summary>
/// Finds who else can change the shared memory of a set of frozen processes. The answer holds for the moment of the reading only: a
/// process outside the set can receive a descriptor at any time, and one that only has the file open is not found.
/// </summary>
internal sealed class SharedMemoryPeers
{
    private readonly List<SharedMemoryPeer> _peers = [];

    /// <summary>Processes outside that have the memory mapped, of those that we may look into.</summary>
    internal IReadOnlyList<SharedMemoryPeer> Peers => _peers;

    /// <summary>Looks once through all processes.</summary>
    internal static SharedMemoryPeers Find(IReadOnlySet<FileIdentity> files, IReadOnlySet<int> frozen, MappingNameCache names)
    {
        var result = new SharedMemoryPeers();
        var mappings = new List<ProcessMapping>();
        foreach (int process in ProcessTree.All())
        {
            if (!frozen.Contains(process))
                result.Look(process, files, names, mappings);
        }

        return result;
    }

    private void Look(int process, IReadOnlySet<FileIdentity> files, MappingNameCache names, List<ProcessMapping> mappings)
    {
        // The number of a main thread that has ended shows no mappings, although other threads may live on.
        int thread = LiveThread.Find(process);
        if (thread == 0)
            return;
        using ProcessMaps? maps = ProcessMaps.Open(thread, names, out _);
        if (maps is null)
            return;

        // An empty list: a thread of the kernel, a zombie, or gone meanwhile; none of them maps anything.
        if (maps.Read(mappings) is Errno.AccessDenied or Errno.NotPermitted)
            return;

        int first = _peers.Count;
        foreach (ProcessMapping mapping in mappings)
        {
            if (mapping.Shared && files.Contains(FileIdentity.Of(in mapping)))
                Add(first, mapping, process);
        }
    }

    private void Add(int first, in ProcessMapping mapping, int process)
    {
        var peer = new SharedMemoryPeer(
            FileIdentity.Of(in mapping), process, (mapping.Protection & MappingProtection.Write) != 0);
        int known = _peers.FindIndex(first, other => other.File == peer.File);
        if (known < 0)
            _peers.Add(peer);
        else if (peer.Writable)
            _peers[known] = peer;
    }
}
