using System.Buffers.Text;
using System.Globalization;

namespace MmuNotifier.Linux;

/// <summary>The huge pages of 2 MiB that the machine keeps for hugetlb.</summary>
internal static class HugePagePool
{
    internal const ulong PageBytes = 2 << 20;

    /// <summary>MAP_HUGE_2MB: whatever size is the machine's default.</summary>
    internal const int SizeFlag = 21 << 26;

    private const string Folder = "/sys/kernel/mm/hugepages/hugepages-2048kB/";

    /// <summary>Why none can be mapped now; null if some can.</summary>
    internal static string? WhyUnsupported()
    {
        if (Read("nr_hugepages") is not long reserved || Read("free_hugepages") is not long free)
            return "This kernel has no huge pages of 2 MiB.";
        // Free pages that a mapping was promised are not to be had.
        long left = free - (Read("resv_hugepages") ?? 0) + (Read("nr_overcommit_hugepages") ?? 0) - (Read("surplus_hugepages") ?? 0);
        return left > 0
            ? null
            : string.Create(
                CultureInfo.InvariantCulture,
                $"No huge page of 2 MiB is left: the machine has {reserved}, {free} free (/proc/sys/vm/nr_hugepages reserves more).");
    }

    private static long? Read(string file) => ProcFile.Parse<long?>(
        Folder + file,
        static text => Utf8Parser.TryParse(text, out long value, out _) ? value : null,
        out _);
}
