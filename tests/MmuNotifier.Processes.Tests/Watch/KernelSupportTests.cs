using MmuNotifier.Linux;

namespace MmuNotifier.Processes.Tests.Watch;

public sealed class KernelSupportTests
{
    private static readonly KernelSupport Full = new()
    {
        Userfaultfd = true,
        Features = UserfaultfdFeatures.Watching,
        PageMapScan = true,
        PidfdOpen = true,
        PidfdGetfd = true,
    };

    [Fact]
    public void Full_support_misses_nothing()
    {
        Assert.Null(Full.DescribeMissing());
    }

    [Fact]
    public void Old_kernel_is_told_which_one_it_needs()
    {
        KernelSupport old = Full with
        {
            Features = UserfaultfdFeatures.Watching & ~UserfaultfdFeatures.WriteProtectAsynchronous,
            PageMapScan = false,
        };
        Assert.Equal(
            "This kernel cannot watch memory: it lacks userfaultfd's WP_ASYNC (Linux 6.7), PAGEMAP_SCAN (Linux 6.7).",
            old.DescribeMissing());
    }

    [Fact]
    public void Missing_permission_is_not_reported_as_missing_support()
    {
        string? text = (Full with { Userfaultfd = false, UserfaultfdDenied = true, Features = 0 }).DescribeMissing();
        Assert.Equal(
            "This kernel cannot watch memory: it lacks permission for userfaultfd, which a seccomp filter forbids.",
            text);
    }

    [Fact]
    public void Each_missing_part_is_named()
    {
        string text = new KernelSupport { Userfaultfd = true }.DescribeMissing()!;
        foreach (string part in (string[])["unmap", "remap", "remove", "fork", "WP_HUGETLBFS_SHMEM", "WP_UNPOPULATED", "WP_ASYNC",
            "PAGEMAP_SCAN", "pidfd_open", "pidfd_getfd"])
            Assert.Contains(part, text, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', text);
    }

    [Fact]
    public void Probe_of_this_kernel_agrees_with_itself()
    {
        KernelSupport support = KernelProbe.Run();
        TestContext.Current.TestOutputHelper?.WriteLine(support.ToString());
        Assert.Equal(support, KernelProbe.Run());
    }
}
