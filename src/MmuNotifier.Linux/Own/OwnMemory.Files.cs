using System.Globalization;
using Microsoft.Win32.SafeHandles;
using MmuNotifier.Hmm;
using MmuNotifier.Linux.Native;
using MmuNotifier.Linux.Proc;
using MmuNotifier.Linux.Taking;

namespace MmuNotifier.Linux.Own;

/// <content>Files in memory.</content>
public sealed unsafe partial class OwnMemory
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

        lock (_listLock)
            _fileInodes.Add(status.Inode);
        return new OwnFile(this, handle, status.Inode);
    }

    internal Errno TruncateFile(OwnFile file, ulong length) =>
        ChangeFile(file, length & ~((ulong)PageBytes - 1), () => Syscall.Truncate(file.Handle, length));

    internal Errno PunchFile(OwnFile file, ulong offset, ulong length) =>
        ChangeFile(file, offset & ~((ulong)PageBytes - 1), () => Syscall.PunchHole(file.Handle, offset, length));

    // Announces all that is mapped of the file from the offset on.
    private Errno ChangeFile(OwnFile file, ulong offset, Func<Errno> change)
    {
        List<InvalidationScope> scopes = [];
        List<AddressRange> changed = [];
        using (_mappingLock.Hold())
        {
            try
            {
                foreach ((QueriedMapping mapping, AddressRange range) in FilePlaces())
                {
                    ulong firstOffset = mapping.Offset + (range.Start - mapping.Start);
                    ulong skipped = offset > firstOffset ? offset - firstOffset : 0;
                    if (mapping.Inode != file.Inode || skipped > range.Last - range.Start)
                        continue;
                    changed.Add(new AddressRange(range.Start + skipped, range.Last));
                    scopes.Add(Space.StartInvalidation(changed[^1], InvalidationEvent.Clear));
                }

                Errno error = change();
                // No event comes; copies of the file's pages in private mappings go too, and with them the names that devices have for them.
                foreach (AddressRange range in changed)
                    FreeTaken(range, static page => page.State == TakenState.Resident);
                return error;
            }
            finally
            {
                scopes.ForEach(scope => scope.Dispose());
            }
        }
    }

    private List<(QueriedMapping Mapping, AddressRange Range)> FilePlaces()
    {
        List<(QueriedMapping Mapping, AddressRange Range)> places = ListMappings();
        lock (_listLock)
            places.RemoveAll(place => !_fileInodes.Contains(place.Mapping.Inode));
        return places;
    }
}
