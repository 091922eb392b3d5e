namespace MmuNotifier.Linux.Proc;

/// <summary>Processes that run in the memory of another (clone with CLONE_VM, without CLONE_THREAD; for a while, vfork).</summary>
internal static class MemoryPartners
{
    /// <summary>Those of the candidates that share the memory of a process. One that we may not look into is not told.</summary>
    internal static List<int> Find(int processId, IEnumerable<int> candidates) =>
        [.. candidates.Where(other => other != processId && Kcmp.SameAddressSpace(processId, other) == true)];
}
