using System.Globalization;
using MmuNotifier.Linux;
using MmuNotifier.Processes;

namespace MmuNotifier.Tool.Core;

/// <summary>The command that opens a core, for the user to copy.</summary>
internal static class OpenCommand
{
    private const string Deleted = " (deleted)";

    /// <param name="report">A core in a file, of a process that still lives.</param>
    internal static string For(CoreReport report)
    {
        string core = Quote(report.Path!);
        if (report.HasDotnetRuntime)
            return $"dotnet-dump analyze {core}";
        string folder = string.Create(CultureInfo.InvariantCulture, $"/proc/{report.ProcessId}");
        string? program = Syscall.ReadLink(folder + "/exe");
        if (program is null)
            return $"gdb -c {core}";
        // The file is gone, but as long as the process lives the kernel still shows it.
        bool isDeleted = program.EndsWith(Deleted, StringComparison.Ordinal);
        // In another mount namespace the names of files mean other files.
        bool isElsewhere = Syscall.ReadLink(folder + "/ns/mnt") != Syscall.ReadLink("/proc/self/ns/mnt")
            || Syscall.ReadLink(folder + "/root") is not (null or "/");
        string sysroot = isElsewhere ? $"-iex 'set sysroot {folder}/root' " : "";
        string file = isDeleted || isElsewhere ? folder + "/exe" : program;
        return $"gdb {sysroot}{Quote(file)} {core}";
    }

    private static string Quote(string text) =>
        text.AsSpan().IndexOfAnyExcept(s_plain) < 0 ? text : $"'{text.Replace("'", "'\\''", StringComparison.Ordinal)}'";

    private static readonly System.Buffers.SearchValues<char> s_plain =
        System.Buffers.SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._-+@%=:,");
}
