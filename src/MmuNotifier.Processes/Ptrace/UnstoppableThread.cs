using System.Globalization;
using MmuNotifier.Linux;

namespace MmuNotifier.Processes;

/// <summary>Says of a thread that does not stop what it waits for.</summary>
internal static class UnstoppableThread
{
    internal static string Describe(int processId, int threadId, TimeSpan limit)
    {
        if (FrozenCgroup.Describe(processId) is { } frozen)
            return frozen;
        string folder = $"/proc/{processId}/task/{threadId}";
        string name = ReadLine($"{folder}/comm");
        string place = ReadLine($"{folder}/wchan") is { Length: > 1 } channel ? channel : "an unknown place";
        string call = ReadLine($"{folder}/syscall").Split(' ')[0] is { Length: > 0 } number ? $", system call {number}" : "";
        return $"Thread {threadId} ({name}) of process {processId} did not stop within {limit.TotalSeconds:0.0} s: it waits in "
            + $"{place}{call}; let that end (for a userfaultfd: read its events) and try again.";
    }

    /// <summary>The same where the kernel does not even answer the request to trace it.</summary>
    internal static string DescribeSeize(int processId, TimeSpan limit) => FrozenCgroup.Describe(processId)
        ?? string.Create(
            CultureInfo.InvariantCulture,
            $"Process {processId} could not be traced within {limit.TotalSeconds:0.0} s: it executes a program, or is frozen; try again "
                + $"later.");

    private static string ReadLine(string path)
    {
        try
        {
            return Syscall.ReadText(path).Trim();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }
}
