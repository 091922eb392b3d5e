using System.Globalization;
using Microsoft.Win32.SafeHandles;
using MmuNotifier.Hmm;

namespace MmuNotifier.Linux;

/// <summary>A memfd. What takes its pages away is announced wherever one of the family has mapped it.</summary>
internal sealed unsafe class LinuxFile(MemoryFamily family, SafeFileHandle handle, ulong inode) : MemoryFile
{
    /// <summary>The memories that can map it.</summary>
    internal MemoryFamily Family => family;

    internal SafeFileHandle Handle => handle;

    internal ulong Inode => inode;

    /// <inheritdoc/>
    public override ulong Length
    {
        get
        {
            string path = string.Create(CultureInfo.InvariantCulture, $"/proc/self/fd/{handle.DangerousGetHandle()}");
            return Syscall.Status(path, out FileStatus status) == Errno.None ? status.SizeBytes : 0;
        }
    }

    /// <inheritdoc/>
    public override Errno Truncate(ulong length) =>
        Change(PageSize.StartOf(length), () => Syscall.Truncate(handle, length));

    /// <inheritdoc/>
    public override Errno PunchHole(ulong offset, ulong length) =>
        Change(PageSize.StartOf(offset), () => Syscall.PunchHole(handle, offset, length));

    /// <inheritdoc/>
    public override int Read(ulong offset, Span<byte> destination)
    {
        fixed (byte* buffer = destination)
            return (int)Math.Max(0, Syscall.ReadAt(handle, buffer, (nuint)destination.Length, (long)offset));
    }

    /// <inheritdoc/>
    public override Errno Write(ulong offset, ReadOnlySpan<byte> source)
    {
        fixed (byte* buffer = source)
            return Syscall.ErrorOf(Syscall.WriteAt(handle, buffer, (nuint)source.Length, (long)offset));
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing) => handle.Dispose();

    // Announces all that is mapped of the file from the offset on.
    private Errno Change(ulong offset, Func<Errno> change) =>
        family.Change((memory, scopes) => memory.AnnounceFile(inode, offset, scopes), change);
}
