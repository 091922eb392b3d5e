using System.Globalization;
using Microsoft.Win32.SafeHandles;
using MmuNotifier.Hmm;

namespace MmuNotifier.Linux;

/// <content>
/// Changes that neither events nor records show (docs/watching-own-memory.md), made with their invalidations around them: in progress from
/// before the call until after it.
/// </content>
public sealed partial class LinuxMemoryWatch
{
    /// <summary>
    /// Sets the length of a file in memory (ftruncate), with the invalidation Clear of all that is mapped of it from that length on.
    /// </summary>
    /// <param name="file">A descriptor of the file that may write.</param>
    /// <param name="length">Length in bytes.</param>
    /// <returns>None, or the error of ftruncate.</returns>
    /// <remarks>
    /// Not inside callbacks of <see cref="Space"/>, nor under a lock that they take. Changes in other processes' mappings of the file are
    /// not reported.
    /// </remarks>
    public Errno Truncate(SafeFileHandle file, ulong length)
    {
        ArgumentNullException.ThrowIfNull(file);
        return Change(file, PageSize.StartOf(length), () => Syscall.Truncate(file, length));
    }

    /// <summary>
    /// Makes a hole of zeros in a file in memory (fallocate with PUNCH_HOLE), with the invalidation Clear of all that is mapped of it from
    /// there on.
    /// </summary>
    /// <param name="file">A descriptor of the file that may write.</param>
    /// <param name="offset">First byte.</param>
    /// <param name="length">Bytes; not 0.</param>
    /// <returns>None, or the error of fallocate.</returns>
    /// <remarks>As <see cref="Truncate"/>.</remarks>
    public Errno PunchHole(SafeFileHandle file, ulong offset, ulong length)
    {
        ArgumentNullException.ThrowIfNull(file);
        return Change(file, PageSize.StartOf(offset), () => Syscall.PunchHole(file, offset, length));
    }

    /// <summary>
    /// Changes what a range permits (mprotect), with the invalidation ProtectionVma: seen also where <see cref="HasRecords"/> is false.
    /// </summary>
    /// <param name="range">Whole pages.</param>
    /// <param name="protection">What it permits from then on.</param>
    /// <returns>None, or the error of mprotect.</returns>
    /// <remarks>As <see cref="Truncate"/>.</remarks>
    public Errno Protect(AddressRange range, Protection protection)
    {
        using (Space.StartInvalidation(range, InvalidationEvent.ProtectionVma))
            return Syscall.Protect(range.Start, range.Last - range.Start + 1, (int)protection);
    }

    private Errno Change(SafeFileHandle file, ulong firstOffset, Func<Errno> change)
    {
        string path = string.Create(CultureInfo.InvariantCulture, $"/proc/self/fd/{file.DangerousGetHandle()}");
        Errno error = Syscall.Status(path, out FileStatus status);
        if (error != Errno.None)
            return error;
        List<InvalidationScope> scopes = [];
        try
        {
            // A mapping of the file that is made after this look shows the file as it is after the change, or is looked at by the thread
            // that registers it while the change is under way; the order of two threads that do not wait for each other is theirs.
            foreach (AddressRange range in MappedFrom(status.Inode, firstOffset))
                scopes.Add(Space.StartInvalidation(range, InvalidationEvent.Clear));
            return change();
        }
        finally
        {
            scopes.ForEach(scope => scope.Dispose());
        }
    }

    private List<AddressRange> MappedFrom(ulong inode, ulong firstOffset)
    {
        List<AddressRange> ranges = [];
        lock (_lock)
        {
            if (_mappings is null || _isDisposed)
                return ranges;
            QueriedMapping? previous = null;
            while (_mappings.TryNext(AddressRange.Whole, previous, out QueriedMapping mapping))
            {
                previous = mapping;
                ulong skipped = firstOffset > mapping.Offset ? firstOffset - mapping.Offset : 0;
                if (mapping.Inode == inode && skipped <= mapping.Last - mapping.Start)
                    ranges.Add(new AddressRange(mapping.Start + skipped, mapping.Last));
            }
        }

        return ranges;
    }
}
