using MmuNotifier.Hmm;

namespace MmuNotifier.Linux;

/// <summary>Whether pages that have only been read share one page of zeros. Usual; some kernels give each a frame of its own.</summary>
internal static unsafe class ZeroPage
{
    private const int ReadWrite = 3;
    private const int PrivateAnonymous = 0x22;

    private static readonly Lazy<bool> s_exists = new(Exists);

    /// <summary>Why they do not; null if they do, or if that cannot be found out.</summary>
    internal static string? WhyUnsupported() =>
        s_exists.Value ? null : "This kernel has no page of zeros: a page that is read gets a frame of its own.";

    private static bool Exists()
    {
        long mapped = Syscall.MapAnonymous(0, MirroredMemory.PageBytes, ReadWrite, PrivateAnonymous, 0);
        if (mapped < 0)
            return true;
        try
        {
            ulong address = (ulong)mapped;
            _ = Volatile.Read(ref *(byte*)address);
            using PageMap? pageMap = PageMap.Open(Environment.ProcessId, out _);
            var filter = new PageFilter(PageCategories.Present, PageCategories.None, PageCategories.ZeroPage, PageCategories.ZeroPage);
            var regions = new List<PageRegion>();
            ulong last = address + MirroredMemory.PageBytes - 1;
            if (pageMap?.ScanAll(address, last, PageScanFlags.None, filter, regions) != PageMapStatus.Complete)
                return true;
            return regions.Exists(region => (region.Categories & PageCategories.ZeroPage) != 0);
        }
        finally
        {
            Syscall.Unmap((ulong)mapped, MirroredMemory.PageBytes);
        }
    }
}
