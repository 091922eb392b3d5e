namespace MmuNotifier.Processes;

/// <summary>Processes that run in the memory of another (clone with CLONE_VM, without CLONE_THREAD; for a while, vfork).</summary>
internal static class MemoryPartners
{
    /// <summary>Those of the candidates that share the memory of a thread. One that we may not look into is not reported.</summary>
    internal static List<int> Find(int threadId, IEnumerable<int> candidates)
    {
        List<int> found = [.. candidates.Where(other => other != threadId && Kcmp.SameAddressSpace(threadId, other) == true)];

        // A thread that has ended has no memory, as the kernel's own threads and all others that have ended: that counts as the same.
        return found.Count > 0 && LiveThread.IsAlive(threadId, threadId) ? found : [];
    }
}
