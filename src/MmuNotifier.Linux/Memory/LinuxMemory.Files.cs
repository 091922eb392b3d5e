using System.Globalization;
using Microsoft.Win32.SafeHandles;
using MmuNotifier.Hmm;

namespace MmuNotifier.Linux;

/// <content>Files in memory.</content>
public sealed unsafe partial class LinuxMemory
{
    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">No descriptor is left, or the length is refused.</exception>
    public override MemoryFile CreateFile(ulong length)
    {
        SafeFileHandle handle = Syscall.CreateMemoryFile("mmunotifier", out Errno error)
            ?? throw new InvalidOperationException($"No file can be made ({error}).");
        error = Syscall.Truncate(handle, length);
        FileStatus status = default;
        if (error == Errno.None)
        {
            string path = string.Create(CultureInfo.InvariantCulture, $"/proc/self/fd/{handle.DangerousGetHandle()}");
            error = Syscall.Status(path, out status);
        }

        if (error != Errno.None)
        {
            handle.Dispose();
            throw new InvalidOperationException($"No file of this length can be made ({error}).");
        }

        _family.AddFile(status.Inode);
        return new LinuxFile(_family, handle, status.Inode);
    }

    /// <summary>Announces what is mapped here of a file from a byte on. Under the mapping lock.</summary>
    internal void AnnounceFile(ulong inode, ulong offset, List<InvalidationScope> scopes)
    {
        _mappingLock.AssertHeld();
        foreach ((QueriedMapping mapping, AddressRange range) in ListMappings())
        {
            ulong firstOffset = mapping.Offset + (range.Start - mapping.Start);
            ulong skipped = offset > firstOffset ? offset - firstOffset : 0;
            if (mapping.Inode != inode || skipped > range.Last - range.Start)
                continue;
            var changed = new AddressRange(range.Start + skipped, range.Last);
            scopes.Add(Space.StartInvalidation(changed, InvalidationEvent.Clear));

            // No event comes; copies of the file's pages in private mappings go too, and with them the names that devices have for them.
            // (If they stay after all, they are this process's pages as before.)
            _devicePages.FreeResident(changed);
        }
    }

    /// <summary>Announces all that is mapped here of files and of shared memory.</summary>
    private void AnnounceFiles(List<InvalidationScope> scopes)
    {
        _mappingLock.AssertHeld();
        foreach ((QueriedMapping mapping, AddressRange range) in ListMappings())
        {
            if (mapping.Inode != 0)
                scopes.Add(Space.StartInvalidation(range, InvalidationEvent.Clear));
        }
    }
}
