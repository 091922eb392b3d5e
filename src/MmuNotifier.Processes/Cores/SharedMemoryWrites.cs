using System.Runtime.InteropServices;
using MmuNotifier.Linux;

namespace MmuNotifier.Processes;

/// <summary>
/// Memory that several mappings of the processes share. The page table of a process tells only what it has written itself; what is found
/// written through one mapping, the images forget at all the others.
/// </summary>
/// <remarks>
/// <para>On the owner's thread. A page is written at some time after its copy was made; the process that has written it tells so at its
/// next look, or as it unmaps the page, or is gone: after each of these the copy does not count as held. So what is held when the
/// processes are stopped, after a look at all of them, is right.</para>
/// <para>That a memory is mapped twice is found out at the beginning of a round. Until then, nobody has noted what was written through
/// which mapping, so all of it is forgotten then.</para>
/// </remarks>
/// <param name="images">The images of one set of cores, as they are at any time.</param>
internal sealed class SharedMemoryWrites(List<CoreImage> images)
{
    private HashSet<FileIdentity> _tracked = [];

    /// <summary>Whether every write to that memory by one of the processes is found. If not, it is copied while they are stopped.</summary>
    internal bool IsTracked(FileIdentity file) => _tracked.Contains(file);

    /// <summary>
    /// Finds out which memory is shared, and how: before the images look, or after they have looked at stopped processes.
    /// </summary>
    internal void Survey(MemorySharing sharing)
    {
        HashSet<FileIdentity> shared = [], untracked = [];
        foreach (CoreImage image in images)
        {
            foreach (ref readonly WatchedMapping mapping in CollectionsMarshal.AsSpan(image.Watch.Mappings))
            {
                FileIdentity file = FileIdentity.Of(mapping.Mapping);
                if (!mapping.Mapping.Shared || !sharing.IsMappedTwice(file))
                    continue;
                shared.Add(file);
                // What is refused as read-only cannot be made writable either.
                if (mapping.Registration is not (UserfaultfdStatus.Done or UserfaultfdStatus.ReadOnlyShared))
                    untracked.Add(file);
            }
        }

        shared.ExceptWith(untracked);
        FileIdentity[] added = [.. shared.Where(file => !_tracked.Contains(file))];
        _tracked = shared;
        foreach (CoreImage image in images)
            image.NoteSharedWrites(_tracked.Count > 0, sharing);
        foreach (CoreImage image in images)
        {
            foreach (FileIdentity file in added)
                image.ForgetShared(file, written: null);
        }
    }

    /// <summary>After a look at a process: what it has written since the one before, the images of the others no longer hold.</summary>
    internal void Pass(CoreImage from)
    {
        foreach ((FileIdentity file, PageBits written) in from.TakeSharedWrites())
            images.ForEach(image => image.ForgetShared(file, written));
    }

    /// <summary>Of a process that is gone nobody knows what it has written last.</summary>
    internal void PassAll(CoreImage gone)
    {
        foreach (FileIdentity file in gone.SharedFiles())
            images.ForEach(image => image.ForgetShared(file, written: null));
    }
}
