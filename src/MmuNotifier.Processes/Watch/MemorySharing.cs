using System.Runtime.InteropServices;
using MmuNotifier.Linux;

namespace MmuNotifier.Processes;

/// <summary>
/// Which shared memory of a set of watched processes can be written where no scan of one mapping shows it: through another mapping of the
/// set, or by a process outside of it.
/// </summary>
internal sealed class MemorySharing
{
    private readonly Dictionary<FileIdentity, int> _mappings = [];
    private readonly HashSet<FileIdentity> _writable = [];
    private readonly Dictionary<FileIdentity, int> _outsiders;

    private MemorySharing(Dictionary<FileIdentity, int> outsiders)
    {
        _outsiders = outsiders;
    }

    /// <summary>Nothing is known to be shared; for a first look.</summary>
    internal static MemorySharing Unknown => new([]);

    /// <summary>Looks at the mappings that the watches had at their last refresh, and at all processes outside.</summary>
    internal static MemorySharing Survey(IReadOnlyCollection<WatchedProcess> watches, MappingNameCache names)
    {
        var sharing = new MemorySharing([]);
        var watched = new HashSet<int>();
        foreach (WatchedProcess watch in watches)
        {
            watched.Add(watch.ProcessId);
            watched.Add(watch.MemoryId);
            sharing.Count(watch);
        }

        if (sharing._mappings.Count > 0)
            sharing.FindOutsiders(watched, names);
        return sharing;
    }

    /// <summary>The same outsiders, with the mappings that the watches had at their last refresh.</summary>
    internal MemorySharing CountedAnew(IReadOnlyCollection<WatchedProcess> watches)
    {
        var sharing = new MemorySharing(_outsiders);
        foreach (WatchedProcess watch in watches)
            sharing.Count(watch);
        return sharing;
    }

    /// <summary>Whether it is mapped more than once and at least one of the mappings permits writing.</summary>
    internal bool IsMappedTwice(FileIdentity file) => _writable.Contains(file) && _mappings.GetValueOrDefault(file) > 1;

    /// <summary>A process outside the set that has the memory mapped for writing; null if none is known.</summary>
    internal int? Outsider(FileIdentity file) => _outsiders.TryGetValue(file, out int processId) ? processId : null;

    private void Count(WatchedProcess watch)
    {
        foreach (ref readonly WatchedMapping mapping in CollectionsMarshal.AsSpan(watch.Mappings))
        {
            if (!mapping.Mapping.Shared || !mapping.Mapping.IsFileBacked)
                continue;
            FileIdentity file = FileIdentity.Of(mapping.Mapping);
            _mappings[file] = _mappings.GetValueOrDefault(file) + 1;
            if ((mapping.Mapping.Protection & MappingProtection.Write) != 0)
                _writable.Add(file);
        }
    }

    private void FindOutsiders(HashSet<int> watched, MappingNameCache names)
    {
        SharedMemoryPeers peers = SharedMemoryPeers.Find(_mappings.Keys.ToHashSet(), watched, names);
        foreach (SharedMemoryPeer peer in peers.Peers)
        {
            if (peer.Writable)
                _outsiders[peer.File] = peer.ProcessId;
        }
    }
}
