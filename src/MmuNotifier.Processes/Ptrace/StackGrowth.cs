using MmuNotifier.Linux;

namespace MmuNotifier.Processes;

/// <summary>Makes the kernel extend the main stack of a process, as it does when the program itself goes deeper.</summary>
/// <remarks>
/// An access through /proc/PID/mem to an address below the stack extends it (Linux 6.5 and newer), up to RLIMIT_STACK and the distance that
/// the kernel keeps to the mapping below. The program cannot distinguish that from a deep call of its own that has returned.
/// </remarks>
internal static class StackGrowth
{
    /// <summary>Extends the main stack by so many bytes. Returns whether it is larger now.</summary>
    internal static bool TryGrow(int processId, TargetMappings mappings, ulong bytes)
    {
        if (mappings.FindMainStack() is not { } stack || stack.Start <= bytes)
            return false;
        try
        {
            using FileStream memory = Syscall.OpenToRead($"/proc/{processId}/mem");
            memory.Position = (long)(stack.Start - bytes);
            _ = memory.ReadByte();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return false;
        }

        mappings.LookAgain();
        return mappings.FindMainStack() is { } grown && grown.Start < stack.Start;
    }
}
