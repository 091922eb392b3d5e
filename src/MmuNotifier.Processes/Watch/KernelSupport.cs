using MmuNotifier.Linux;

namespace MmuNotifier.Processes;

/// <summary>What the running kernel offers for watching memory. Filled by <see cref="KernelProbe"/>, or by hand in tests.</summary>
internal sealed record KernelSupport
{
    internal bool Userfaultfd { get; init; }

    /// <summary>The system call exists, and is forbidden even for user mode, which needs no right: by a seccomp filter.</summary>
    internal bool UserfaultfdDenied { get; init; }

    internal UserfaultfdFeatures Features { get; init; }

    internal bool PageMapScan { get; init; }

    internal bool PidfdOpen { get; init; }

    internal bool PidfdGetfd { get; init; }

    /// <summary>One line that names what is missing and which kernel has it; null if nothing is missing.</summary>
    internal string? DescribeMissing()
    {
        List<string> missing = Missing();
        return missing.Count == 0 ? null : "This kernel cannot watch memory: it lacks " + string.Join(", ", missing) + ".";
    }

    private List<string> Missing()
    {
        var missing = new List<string>();
        if (UserfaultfdDenied)
            missing.Add("permission for userfaultfd, which a seccomp filter forbids");
        else if (!Userfaultfd)
            missing.Add("userfaultfd (CONFIG_USERFAULTFD)");
        else
            AddMissingFeatures(missing);
        AddIf(missing, !PageMapScan, "PAGEMAP_SCAN (Linux 6.7)");
        AddIf(missing, !PidfdOpen, "pidfd_open (Linux 5.3)");
        AddIf(missing, !PidfdGetfd, "pidfd_getfd (Linux 5.6)");
        return missing;
    }

    private void AddMissingFeatures(List<string> missing)
    {
        AddIf(missing, Lacks(UserfaultfdFeatures.EventUnmap), "userfaultfd's unmap events (Linux 4.11)");
        AddIf(missing, Lacks(UserfaultfdFeatures.EventRemap), "userfaultfd's remap events (Linux 4.11)");
        AddIf(missing, Lacks(UserfaultfdFeatures.EventRemove), "userfaultfd's remove events (Linux 4.11)");
        AddIf(missing, Lacks(UserfaultfdFeatures.EventFork), "userfaultfd's fork events (Linux 4.11)");
        AddIf(missing, Lacks(UserfaultfdFeatures.WriteProtectHugeAndShared), "userfaultfd's WP_HUGETLBFS_SHMEM (Linux 5.19)");
        AddIf(missing, Lacks(UserfaultfdFeatures.WriteProtectUnpopulated), "userfaultfd's WP_UNPOPULATED (Linux 6.4)");
        AddIf(missing, Lacks(UserfaultfdFeatures.WriteProtectAsynchronous), "userfaultfd's WP_ASYNC (Linux 6.7)");
    }

    private bool Lacks(UserfaultfdFeatures feature) => (Features & feature) != feature;

    private static void AddIf(List<string> missing, bool condition, string text)
    {
        if (condition)
            missing.Add(text);
    }
}
