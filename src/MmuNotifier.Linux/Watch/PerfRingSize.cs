using System.Globalization;

namespace MmuNotifier.Linux;

/// <summary>
/// How large the rings of perf events are. They count against the memory that the user may lock (RLIMIT_MEMLOCK), as the buffers of
/// io_uring and the like do, for which a registration cache is there.
/// </summary>
internal static class PerfRingSize
{
    /// <summary>Some hundred records.</summary>
    internal const int MostDataPages = 16;

    /// <summary>Less than that holds no record with a long path.</summary>
    internal const int LeastDataPages = 2;

    /// <summary>The rings get smaller until they take at most this share.</summary>
    private const ulong WantedShare = 32;

    /// <summary>There are none if the smallest take more than this share.</summary>
    private const ulong GreatestShare = 8;

    /// <param name="processors">There is a ring for each.</param>
    /// <param name="lockable">The limit, in bytes.</param>
    /// <param name="lack">Why there can be none; null if there can.</param>
    /// <returns>Pages of data, a power of two; there is one more page in front of them.</returns>
    internal static int Choose(int processors, ulong lockable, out string? lack)
    {
        int pages = MostDataPages;
        while (pages > LeastDataPages && BytesOf(processors, pages) > lockable / WantedShare)
            pages /= 2;
        ulong bytes = BytesOf(processors, pages);
        lack = bytes <= lockable / GreatestShare ? null : string.Create(
            CultureInfo.InvariantCulture,
            $"the rings of perf events need {bytes >> 10} KiB, more than an eighth of the {lockable >> 10} KiB that may be locked "
                + $"(RLIMIT_MEMLOCK, ulimit -l)");
        return pages;
    }

    private static ulong BytesOf(int processors, int dataPages) => (ulong)processors * (ulong)(dataPages + 1) * PageSize.Bytes;
}
