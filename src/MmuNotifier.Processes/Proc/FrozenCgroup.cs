using MmuNotifier.Linux;

namespace MmuNotifier.Processes;

/// <summary>
/// Tells whether the cgroup of a process is frozen. Such a process can make no call for us; in a cgroup of version 1 it does not even come
/// to a ptrace stop, and a request to trace it waits in the kernel when it was stopped by a signal before.
/// </summary>
internal static class FrozenCgroup
{
    /// <summary>One line for the user if the process is frozen, or is about to be; null if it is not, or if that is not known.</summary>
    /// <param name="processId">The process.</param>
    /// <param name="isStopPrevented">Only a cgroup of version 1 counts, in which threads do not come to a ptrace stop.</param>
    internal static string? Describe(int processId, bool isStopPrevented = false)
    {
        try
        {
            return Find(LiveThread.Find(processId), isStopPrevented) is { } cause
                ? $"Process {processId} is frozen by its cgroup ({cause}): thaw it and try again."
                : null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null; // It is gone, or the hierarchy is not shown here.
        }
    }

    private static string? Find(int threadId, bool isStopPrevented)
    {
        if (threadId == 0)
            return null;
        string[] mounts = [.. Syscall.ReadLines("/proc/self/mountinfo")];
        foreach (string line in Syscall.ReadLines($"/proc/{threadId}/cgroup"))
        {
            // Hierarchy, controllers, path; version 2 has the number 0 and names no controllers.
            string[] fields = line.Split(':', 3);
            if (fields.Length < 3)
                continue;
            string? cause = null;
            if (!isStopPrevented && fields[1].Length == 0 && Folder(mounts, "cgroup2", "", fields[2]) is { } second)
                cause = FrozenAbove(second);
            else if (fields[1].Split(',').Contains("freezer") && Folder(mounts, "cgroup", "freezer", fields[2]) is { } first)
                cause = IsOtherThan(first + "/freezer.state", "THAWED");
            if (cause is not null)
                return cause;
        }

        return null;
    }

    /// <summary>A cgroup of version 2 is frozen if it or one that it lies in is.</summary>
    private static string? FrozenAbove(string folder)
    {
        for (string? at = folder; at is not null && Syscall.HasFile(at + "/cgroup.procs"); at = Path.GetDirectoryName(at))
        {
            if (IsOtherThan(at + "/cgroup.freeze", "0") is { } cause)
                return cause;
        }

        return null;
    }

    /// <summary>The root of a hierarchy has no such file.</summary>
    private static string? IsOtherThan(string file, string value) =>
        Syscall.HasFile(file) && Syscall.ReadText(file).Trim() is { } content && content != value ? $"{file} is {content}" : null;

    private static string? Folder(string[] mounts, string type, string controller, string path)
    {
        foreach (string mount in mounts)
        {
            // ... ROOT PLACE OPTIONS [more] - TYPE SOURCE OPTIONS
            string[] halves = mount.Split(" - ", 2);
            string[] fields = halves[0].Split(' ');
            string[] kind = halves.Length == 2 ? halves[1].Split(' ') : [];
            if (fields.Length < 5 || kind.Length < 3 || kind[0] != type)
                continue;
            if (controller.Length > 0 && !kind[2].Split(',').Contains(controller))
                continue;
            string root = fields[3].TrimEnd('/');
            if (path.StartsWith(root, StringComparison.Ordinal))
                return fields[4] + path[root.Length..].TrimEnd('/');
        }

        return null;
    }
}
