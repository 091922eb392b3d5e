using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace MmuNotifier.Linux;

/// <summary>
/// The mappings of a process. The open file belongs to the address space: after an exec it answers nothing any more. Reading again
/// uses the same buffers. Not for concurrent use.
/// </summary>
internal sealed unsafe class ProcessMaps : IDisposable
{
    // The kernel hands out a page a call, in whole lines; a line is at most a path and some 75 characters.
    private const int BufferBytes = 32768;

    private readonly SafeFileHandle _file;
    private readonly MappingNameCache _names;
    private readonly byte[] _buffer = GC.AllocateUninitializedArray<byte>(BufferBytes, pinned: true);

    private ProcessMaps(SafeFileHandle file, MappingNameCache names)
    {
        _file = file;
        _names = names;
    }

    /// <summary>Opens the maps of a process; null with the error. Names are looked up in the cache, which several may share.</summary>
    internal static ProcessMaps? Open(int processId, MappingNameCache names, out Errno error)
    {
        SafeFileHandle? file = Syscall.OpenForReading($"/proc/{processId}/maps", out error);
        return file is null ? null : new ProcessMaps(file, names);
    }

    /// <summary>
    /// Replaces the list by the present mappings in the order of their addresses. None and <see cref="Errno.NoProcess"/>: the address
    /// space no longer exists. Each line is true by itself; while the process runs, the whole may never have been true at one time.
    /// </summary>
    internal Errno Read(List<ProcessMapping> mappings)
    {
        mappings.Clear();
        Errno error = Syscall.ErrorOf(Syscall.Rewind(_file));
        if (error != Errno.None)
            return error;
        int kept = 0;
        while (true)
        {
            byte* buffer = (byte*)Marshal.UnsafeAddrOfPinnedArrayElement(_buffer, 0);
            long read = Syscall.Read(_file, buffer + kept, (nuint)(BufferBytes - kept));
            if (read < 0)
                return Syscall.ErrorOf(read);
            if (read == 0)
                return mappings.Count == 0 ? Errno.NoProcess : Errno.None;
            int length = kept + (int)read;
            int consumed = MapsParser.ParseLines(_buffer.AsSpan(0, length), _names, mappings);
            kept = length - consumed;
            _buffer.AsSpan(consumed, kept).CopyTo(_buffer);
        }
    }

    /// <summary>
    /// Like <see cref="Read(List{ProcessMapping})"/>, into a snapshot beside the one before it, which must not be the same.
    /// </summary>
    internal Errno Read(MapsSnapshot snapshot, MapsSnapshot before)
    {
        snapshot.Clear();
        Errno error = Syscall.ErrorOf(Syscall.Rewind(_file));
        while (error == Errno.None)
        {
            long read;
            Span<byte> room = snapshot.Room(BufferBytes);
            fixed (byte* bytes = room)
                read = Syscall.Read(_file, bytes, (nuint)room.Length);
            error = Syscall.ErrorOf(read);
            if (read == 0)
                return snapshot.Mappings.Count == 0 ? Errno.NoProcess : Errno.None;
            if (read > 0)
                snapshot.Add((int)read, before, _names);
        }

        return error;
    }

    /// <summary>
    /// The mapping that covers the address, or the next one, by PROCMAP_QUERY: without its name, so its kind is only known as
    /// file, shared or anonymous. <see cref="Errno.NoEntry"/>: none there or above; <see cref="Errno.NotTypewriter"/>: the kernel has no
    /// such query (before Linux 6.11).
    /// </summary>
    internal Errno Query(ulong address, out QueriedMapping mapping)
    {
        ProcMapQueryArgument argument = ProcMapQueryArgument.CoveringOrNextOf(address);
        Errno error = Syscall.ErrorOf(Syscall.Ioctl(_file, ProcMapQueryArgument.Request, &argument));
        mapping = error == Errno.None ? QueriedMapping.From(in argument) : default;
        return error;
    }

    /// <summary>
    /// Like <see cref="Query"/>, with the name, at the cost of writing it. Line ends in the name of a file are not escaped as in the text.
    /// </summary>
    internal Errno QueryWithName(ulong address, out ProcessMapping mapping)
    {
        ProcMapQueryArgument argument = ProcMapQueryArgument.CoveringOrNextOf(address);
        argument.NameAddress = (ulong)Marshal.UnsafeAddrOfPinnedArrayElement(_buffer, 0);
        argument.NameSize = BufferBytes;
        Errno error = Syscall.ErrorOf(Syscall.Ioctl(_file, ProcMapQueryArgument.Request, &argument));
        if (error != Errno.None)
        {
            mapping = default;
            return error;
        }

        QueriedMapping found = QueriedMapping.From(in argument);
        MappingName name = _names.Get(_buffer.AsSpan(0, (int)Math.Max(argument.NameSize, 1) - 1)); // A zero byte ends it.
        MappingKind kind = found.Shared ? name.KindIfShared : name.KindIfPrivate;
        mapping = new ProcessMapping(
            found.Start, found.Last, found.Protection, found.Shared, kind, found.Offset, found.Device, found.Inode, name.Text);
        return Errno.None;
    }

    public void Dispose() => _file.Dispose();
}
