using System.Globalization;
using MmuNotifier.Linux.Native;
using MmuNotifier.Linux.Proc;

namespace MmuNotifier.Processes.Proc;

/// <summary>Somebody outside the frozen set who can reach a file that the set shares.</summary>
/// <param name="File">The shared file.</param>
/// <param name="ProcessId">The process outside.</param>
/// <param name="Writable">Whether its mapping permits writing now; a descriptor counts as writable.</param>
/// <param name="ByDescriptor">It has the file open, without having it mapped as far as was seen.</param>
internal readonly record struct SharedMemoryPeer(FileIdentity File, int ProcessId, bool Writable, bool ByDescriptor);

/// <summary>
/// Finds who else can change the shared memory of a set of frozen processes. The answer holds for the moment of the reading only: a
/// process outside the set can receive a descriptor at any time.
/// </summary>
internal sealed class SharedMemoryPeers
{
    private readonly List<SharedMemoryPeer> _peers = [];
    private readonly List<int> _unreadable = [];

    /// <summary>Processes outside that have the memory mapped or open.</summary>
    internal IReadOnlyList<SharedMemoryPeer> Peers => _peers;

    /// <summary>Processes that could not be looked into; if there are any, nothing is certain.</summary>
    internal IReadOnlyList<int> Unreadable => _unreadable;

    /// <summary>Whether it is known that nobody outside has it.</summary>
    internal bool IsExclusive => _peers.Count == 0 && _unreadable.Count == 0;

    /// <summary>The files behind the shared mappings of a snapshot.</summary>
    internal static void AddSharedFiles(ReadOnlySpan<ProcessMapping> mappings, HashSet<FileIdentity> files)
    {
        foreach (ref readonly ProcessMapping mapping in mappings)
        {
            if (mapping.Shared && mapping.IsFileBacked)
                files.Add(FileIdentity.Of(in mapping));
        }
    }

    /// <summary>Looks once through all processes; with descriptors, also at what they have open, which costs some µs a descriptor.</summary>
    internal static SharedMemoryPeers Find(
        IReadOnlySet<FileIdentity> files, IReadOnlySet<int> frozen, bool alsoDescriptors, MappingNameCache names)
    {
        var result = new SharedMemoryPeers();
        var mappings = new List<ProcessMapping>();
        foreach (int process in ProcessTree.All())
        {
            if (!frozen.Contains(process))
                result.Look(process, files, alsoDescriptors, names, mappings);
        }

        return result;
    }

    private void Look(
        int process, IReadOnlySet<FileIdentity> files, bool alsoDescriptors, MappingNameCache names, List<ProcessMapping> mappings)
    {
        // The number of a main thread that has ended shows no mappings, although other threads may live on.
        int thread = LiveThread.Find(process);
        if (thread == 0)
            return;
        using ProcessMaps? maps = ProcessMaps.Open(thread, names, out Errno error);
        if (maps is null)
        {
            if (error is Errno.AccessDenied or Errno.NotPermitted)
                _unreadable.Add(process);
            return;
        }

        // An empty list: a thread of the kernel, a zombie, or gone meanwhile; none of them maps anything.
        if (maps.Read(mappings) is Errno.AccessDenied or Errno.NotPermitted)
        {
            _unreadable.Add(process);
            return;
        }

        int first = _peers.Count;
        foreach (ProcessMapping mapping in mappings)
        {
            if (mapping.Shared && files.Contains(FileIdentity.Of(in mapping)))
                Add(first, mapping, process);
        }

        if (alsoDescriptors)
            LookAtDescriptors(process, thread, files, first);
    }

    private void Add(int first, in ProcessMapping mapping, int process)
    {
        var peer = new SharedMemoryPeer(
            FileIdentity.Of(in mapping), process, (mapping.Protection & MappingProtection.Write) != 0, ByDescriptor: false);
        int known = _peers.FindIndex(first, other => other.File == peer.File);
        if (known < 0)
            _peers.Add(peer);
        else if (peer.Writable)
            _peers[known] = peer;
    }

    private void LookAtDescriptors(int process, int thread, IReadOnlySet<FileIdentity> files, int first)
    {
        try
        {
            string directory = string.Create(CultureInfo.InvariantCulture, $"/proc/{thread}/fd");
            foreach (string descriptor in Syscall.ListFolder(directory))
            {
                if (Syscall.Status(descriptor, out FileStatus status) != Errno.None)
                    continue;
                FileIdentity file = FileIdentity.Of(in status);
                if (files.Contains(file) && _peers.FindIndex(first, other => other.File == file) < 0)
                    _peers.Add(new SharedMemoryPeer(file, process, Writable: true, ByDescriptor: true));
            }
        }
        catch (UnauthorizedAccessException)
        {
            _unreadable.Add(process);
        }
        catch (IOException)
        {
            // Gone meanwhile, with all it had open.
        }
    }
}
