using MmuNotifier.Linux;

namespace MmuNotifier.Processes;

/// <summary>Asks the kernel whether two processes share a resource.</summary>
internal static class Kcmp
{
    private const int File = 0;
    private const int AddressSpace = 1;

    /// <summary>
    /// Whether two processes run in one address space (vfork, clone with CLONE_VM); null if that is not known: no kcmp in this kernel,
    /// no permission, or one of them is gone.
    /// </summary>
    internal static bool? SameAddressSpace(int first, int second)
    {
        long order = Syscall.CompareProcesses(first, second, AddressSpace);
        return order < 0 ? null : order == 0;
    }

    /// <summary>Whether two descriptors of a process are of one open file; null if that is not known.</summary>
    internal static bool? SameFile(int processId, int first, int second)
    {
        long order = Syscall.CompareProcesses(processId, processId, File, first, second);
        return order < 0 ? null : order == 0;
    }
}
