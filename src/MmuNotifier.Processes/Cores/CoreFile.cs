using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using MmuNotifier.Linux;

namespace MmuNotifier.Processes;

/// <summary>
/// The file that a core is written to. It has another name, or none, until <see cref="Publish"/>: so there is never a half-written file
/// under the name that was asked for, and whatever had that name stays as it is until then.
/// </summary>
/// <remarks>Readable and writable by its owner alone. One thread at a time.</remarks>
internal sealed unsafe class CoreFile : IDisposable
{
    private const int MaxNames = 100;
    private const int CopyBytes = 1 << 20;

    private readonly SafeFileHandle _file;
    private readonly string _path;
    private string? _temporary;

    private CoreFile(SafeFileHandle file, string path, string? temporary)
    {
        _file = file;
        _path = path;
        _temporary = temporary;
    }

    /// <summary>
    /// Makes the file beside the path that it will have. A link is followed. Only an ordinary file is replaced in the end: for root, the
    /// kernel would let a device be replaced as well.
    /// </summary>
    /// <exception cref="CoreException">It cannot be made.</exception>
    internal static CoreFile Create(string path)
    {
        RequireOrdinaryFile(path);
        path = FollowLinks(path);
        for (int i = 0; ; i++)
        {
            string temporary = string.Create(CultureInfo.InvariantCulture, $"{path}.{Environment.ProcessId}-{i}.part");
            if (Syscall.CreatePrivateFile(temporary, out Errno error) is { } file)
                return new CoreFile(file, path, temporary);
            if (error != Errno.Exists || i == MaxNames)
                throw new CoreException($"{path} cannot be written: {Describe(error)}.");
        }
    }

    private static string FollowLinks(string path)
    {
        try
        {
            return File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? path;
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            return path; // Nothing has the name.
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new CoreException($"{path} cannot be written: {exception.Message}");
        }
    }

    private static void RequireOrdinaryFile(string path)
    {
        Errno error = Syscall.Status(path, out FileStatus status);
        if (error == Errno.NoEntry || (error == Errno.None && status.IsRegularFile))
            return;
        string why = error != Errno.None ? Describe(error)
            : status.IsFolder ? "it is a folder"
            : "it is a device or a pipe. To pass the core on, write it to standard output (of mmun core: -o -)";
        throw new CoreException($"{path} cannot be written: {why}.");
    }

    /// <summary>Makes a file without a name, for a core that is passed on.</summary>
    /// <exception cref="CoreException">It cannot be made.</exception>
    internal static CoreFile CreateUnnamed(string folder) =>
        Syscall.CreateUnnamedFile(folder, out Errno error) is { } file
            ? new CoreFile(file, folder, null)
            : throw new CoreException($"A core cannot be kept in {folder} while it is made: {Describe(error)}.");

    /// <exception cref="CoreException">The disk is full, or the file fails otherwise.</exception>
    internal void Write(ReadOnlySpan<byte> bytes, long offset)
    {
        fixed (byte* start = bytes)
        {
            for (long done = 0; done < bytes.Length;)
            {
                long written = Syscall.WriteAt(_file, start + done, (nuint)(bytes.Length - done), offset + done);
                if (written <= 0)
                    throw Failed(written == 0 ? Errno.InputOutput : Syscall.ErrorOf(written));
                done += written;
            }
        }
    }

    internal void Read(Span<byte> bytes, long offset)
    {
        fixed (byte* start = bytes)
        {
            for (long done = 0; done < bytes.Length;)
            {
                long read = Syscall.ReadAt(_file, start + done, (nuint)(bytes.Length - done), offset + done);
                if (read < 0)
                    throw Failed(Syscall.ErrorOf(read));
                if (read == 0)
                {
                    bytes[(int)done..].Clear();
                    return;
                }

                done += read;
            }
        }
    }

    /// <summary>Makes the bytes zero, as a hole where the file system has holes.</summary>
    internal void Clear(long offset, long length, Span<byte> zeros)
    {
        if (Syscall.PunchHole(_file, (ulong)offset, (ulong)length) == Errno.None)
            return;
        zeros.Clear();
        for (long done = 0; done < length; done += zeros.Length)
            Write(zeros[..(int)Math.Min(zeros.Length, length - done)], offset + done);
    }

    /// <summary>Gives the file its length, with a hole at the end.</summary>
    internal void SetLength(long length)
    {
        Errno error = Syscall.Truncate(_file, (ulong)length);
        if (error != Errno.None)
            throw Failed(error);
    }

    /// <summary>Gives the file its name, in place of a file that has it.</summary>
    internal void Publish()
    {
        if (_temporary is null)
            return;
        Errno error = Syscall.Rename(_temporary, _path);
        if (error != Errno.None)
            throw Failed(error);
        _temporary = null;
    }

    /// <summary>Copies the whole file into an empty one; pages of zeros become holes.</summary>
    /// <param name="copy">The empty file.</param>
    /// <param name="checkpoint">Called between parts; may throw to give up.</param>
    /// <exception cref="CoreException">The disk is full, or a file fails otherwise.</exception>
    internal void CopyTo(CoreFile copy, Action checkpoint)
    {
        byte[] buffer = GC.AllocateUninitializedArray<byte>(CopyBytes);
        long length = Syscall.FindEnd(_file);
        if (length < 0)
            throw Failed(Syscall.ErrorOf(length));
        for (long offset = 0; offset < length;)
        {
            checkpoint();
            long data = Syscall.FindData(_file, offset);
            if (data < 0 && Syscall.ErrorOf(data) == Syscall.NoMoreData)
                break;
            // Where a file system knows of no holes, everything is data.
            offset = data < 0 ? offset : data;
            Span<byte> part = buffer.AsSpan(0, (int)Math.Min(CopyBytes, length - offset));
            Read(part, offset);
            copy.WriteWithHoles(part, offset);
            offset += part.Length;
        }

        copy.SetLength(length);
    }

    private void WriteWithHoles(ReadOnlySpan<byte> bytes, long offset)
    {
        const int page = (int)PageSize.Bytes;
        for (int begin = 0; begin < bytes.Length;)
        {
            int end = begin;
            while (end < bytes.Length && !IsZero(bytes[end..Math.Min(end + page, bytes.Length)]))
                end = Math.Min(end + page, bytes.Length);
            Write(bytes[begin..end], offset + begin);
            begin = Math.Min(end + page, bytes.Length);
        }
    }

    /// <summary>Writes a part of the file to a pipe, holes as zeros.</summary>
    /// <exception cref="CoreException">Nobody reads any more.</exception>
    internal void CopyTo(SafeFileHandle pipe, long offset, long length)
    {
        byte[] buffer = GC.AllocateUninitializedArray<byte>((int)Math.Min(length, CopyBytes));
        for (long done = 0; done < length;)
        {
            Span<byte> part = buffer.AsSpan(0, (int)Math.Min(buffer.Length, length - done));
            if (IsHole(offset + done, part.Length))
                part.Clear();
            else
                Read(part, offset + done);
            Send(pipe, part);
            done += part.Length;
        }
    }

    /// <exception cref="CoreException">Nobody reads any more.</exception>
    internal static void Send(SafeFileHandle pipe, ReadOnlySpan<byte> bytes)
    {
        fixed (byte* start = bytes)
        {
            for (long done = 0; done < bytes.Length;)
            {
                long written = Syscall.Write(pipe, start + done, (nuint)(bytes.Length - done));
                if (written <= 0)
                    throw new CoreException($"The core cannot be passed on: {Describe(Syscall.ErrorOf(written))}.");
                done += written;
            }
        }
    }

    /// <summary>Removes a core.</summary>
    /// <exception cref="CoreException">It is there and cannot be removed.</exception>
    internal static void Delete(string path)
    {
        Errno error = Syscall.RemoveFile(path);
        if (error is not (Errno.None or Errno.NoEntry))
            throw new CoreException($"{path} cannot be removed: {Describe(error)}.");
    }

    /// <summary>Takes the file away, unless it has its name.</summary>
    public void Dispose()
    {
        _file.Dispose();
        if (_temporary is not null)
            _ = Syscall.RemoveFile(_temporary);
        _temporary = null;
    }

    internal static bool IsZero(ReadOnlySpan<byte> bytes) => !bytes.ContainsAnyExcept((byte)0);

    private bool IsHole(long offset, long length)
    {
        long data = Syscall.FindData(_file, offset);
        return data < 0 ? Syscall.ErrorOf(data) == Syscall.NoMoreData : data >= offset + length;
    }

    private CoreException Failed(Errno error) => new($"{_path} cannot be written: {Describe(error)}.");

    private static string Describe(Errno error) => error switch
    {
        Errno.NoSpace => "no space is left on the device",
        Errno.NoEntry => "there is no such folder",
        Errno.AccessDenied or Errno.NotPermitted => "permission denied",
        _ => ErrorText.IsNoDescriptor(error) ? ErrorText.Of(error) : Marshal.GetPInvokeErrorMessage((int)error),
    };
}
