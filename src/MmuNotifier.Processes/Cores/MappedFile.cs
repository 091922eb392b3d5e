using System.Globalization;
using Microsoft.Win32.SafeHandles;
using MmuNotifier.Linux;

namespace MmuNotifier.Processes;

/// <summary>
/// The file behind a mapping, read without a touch of the process's memory: what it has not faulted in stays that way, and its size in
/// memory does not grow.
/// </summary>
internal sealed unsafe class MappedFile : IDisposable
{
    private readonly SafeFileHandle _file;
    private readonly ulong _start;
    private readonly ulong _offset;

    private MappedFile(SafeFileHandle file, in ProcessMapping mapping)
    {
        _file = file;
        (_start, _offset) = (mapping.Start, mapping.Offset);
    }

    /// <summary>Null if nobody lets us: a deleted file, a memfd, for a user without CAP_CHECKPOINT_RESTORE.</summary>
    internal static MappedFile? Open(int threadId, in ProcessMapping mapping)
    {
        string link = string.Create(
            CultureInfo.InvariantCulture, $"/proc/{threadId}/map_files/{mapping.Start:x}-{mapping.Last + 1:x}");
        return Open(link, in mapping)
            ?? (mapping.Name.StartsWith('/') ? Open($"/proc/{threadId}/root{CoreNotes.Unescape(mapping.Name)}", in mapping) : null);
    }

    /// <summary>Reads what the file has at the place of these addresses; zeros behind its end.</summary>
    /// <returns>False if it cannot be read.</returns>
    internal bool Read(ulong address, Span<byte> destination)
    {
        long offset = (long)(address - _start + _offset);
        fixed (byte* start = destination)
        {
            int done = 0;
            while (done < destination.Length)
            {
                long read = Syscall.ReadAt(_file, start + done, (nuint)(destination.Length - done), offset + done);
                if (read < 0)
                    return false;
                if (read == 0)
                    break;
                done += (int)read;
            }

            destination[done..].Clear();
            return true;
        }
    }

    /// <summary>The first address from one on, up to the last, whose place in the file is no hole.</summary>
    /// <returns>False if there is none.</returns>
    internal bool TryFindData(ulong address, ulong last, out ulong found)
    {
        long offset = (long)(address - _start + _offset);
        long data = Syscall.FindData(_file, offset);
        found = address;
        if (data < 0)
            return Syscall.ErrorOf(data) != Syscall.NoMoreData;
        found = address + ((ulong)(data - offset) & ~(PageSize.Bytes - 1));
        return found <= last;
    }

    public void Dispose() => _file.Dispose();

    private static MappedFile? Open(string path, in ProcessMapping mapping)
    {
        if (Syscall.Status(path, out FileStatus status) != Errno.None || FileIdentity.Of(in status).Inode != mapping.Inode)
            return null;
        return Syscall.OpenForReading(path, out _) is { } file ? new MappedFile(file, in mapping) : null;
    }
}
