using System.Runtime.InteropServices;
using MmuNotifier.Linux;

namespace MmuNotifier.Processes;

/// <summary>The mappings of a process that is being attached to.</summary>
internal static class TargetMappings
{
    /// <summary>Reads the mappings of a thread's process, by rising addresses.</summary>
    /// <exception cref="TargetChangedException">The thread has ended, and has no memory any more.</exception>
    internal static List<ProcessMapping> Read(int threadId)
    {
        var mappings = new List<ProcessMapping>();
        using ProcessMaps? maps = ProcessMaps.Open(threadId, new MappingNameCache(), out Errno error);
        if (maps is not null)
            error = maps.Read(mappings);
        return error switch
        {
            Errno.None => mappings,
            Errno.NoProcess => throw new TargetChangedException($"Thread {threadId} has no memory any more."),
            _ => throw new TargetChangedException(
                $"The mappings of thread {threadId} cannot be read: {Marshal.GetPInvokeErrorMessage((int)error)}."),
        };
    }
}
