namespace MmuNotifier.Linux;

/// <content>Files and folders of /proc and /sys that are read through System.IO; errors are its exceptions.</content>
internal static partial class Syscall
{
    internal static string ReadText(string path)
    {
        ThrowIfInjected(path);
        return File.ReadAllText(path);
    }

    /// <summary>Line by line, as the file is read.</summary>
    internal static IEnumerable<string> ReadLines(string path)
    {
        ThrowIfInjected(path);
        return File.ReadLines(path);
    }

    /// <summary>Opens a file to read its bytes; the stream is unbuffered.</summary>
    internal static FileStream OpenToRead(string path)
    {
        ThrowIfInjected(path);
        return new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 0);
    }

    /// <summary>The full paths of the folders in a folder.</summary>
    internal static IEnumerable<string> ListFolders(string path)
    {
        ThrowIfInjected(path);
        return Directory.EnumerateDirectories(path);
    }

    /// <summary>The full paths of all that is in a folder.</summary>
    internal static IEnumerable<string> ListFolder(string path)
    {
        ThrowIfInjected(path);
        return Directory.EnumerateFileSystemEntries(path);
    }

    /// <summary>What a symbolic link names; null if there is no such link, or if that cannot be found out.</summary>
    internal static string? ReadLink(string path) => FaultInjection.FailsWithErrno("readlink") ? null : new FileInfo(path).LinkTarget;

    /// <summary>Whether there is such a file; false also if that cannot be found out.</summary>
    internal static bool HasFile(string path) => !FaultInjection.FailsWithErrno("stat") && File.Exists(path);

    /// <summary>Whether there is such a folder; false also if that cannot be found out.</summary>
    internal static bool HasFolder(string path) => !FaultInjection.FailsWithErrno("stat") && Directory.Exists(path);

    // Throws what the runtime would throw for the injected error.
    private static void ThrowIfInjected(string path)
    {
        if (!FaultInjection.IsSupported || !FaultInjection.Fails("open file", out long result))
            return;
        throw (Errno)(-result) switch
        {
            Errno.NoEntry => new FileNotFoundException("injected", path),
            Errno.AccessDenied or Errno.NotPermitted => new UnauthorizedAccessException($"injected: {path}"),
            Errno error => new IOException($"injected error {(int)error}: {path}"),
        };
    }
}
