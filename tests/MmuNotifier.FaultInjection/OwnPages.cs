using System.Runtime.InteropServices;

namespace MmuNotifier.FaultInjection;

/// <summary>Pages of this process, mapped past the layer: what the test itself does must not fail.</summary>
internal static unsafe partial class OwnPages
{
    internal const int Bytes = 4096;

    /// <summary>Where nothing else of this process is mapped, so that no address is used by others in between.</summary>
    private static ulong s_next = 0x6300_0000_0000;

    internal static AddressRange Map(int pages)
    {
        ulong address = s_next;
        s_next += (ulong)(pages + 16) * Bytes;
        MapAt(address, pages);
        return AddressRange.FromLength(address, (ulong)pages * Bytes);
    }

    internal static void MapAgain(AddressRange range) => MapAt(range.Start, (int)((range.Last - range.Start + 1) / Bytes));

    internal static void Unmap(AddressRange range) => _ = UnmapCall(range.Start, (nuint)(range.Last - range.Start + 1));

    internal static void Drop(AddressRange range) => _ = AdviseCall(range.Start, (nuint)(range.Last - range.Start + 1), 4);

    internal static Span<byte> BytesOf(AddressRange range) => new((void*)range.Start, (int)(range.Last - range.Start + 1));

    private static void MapAt(ulong address, int pages)
    {
        const int readWrite = 3, privateAnonymousFixed = 0x32;
        if (MapCall(address, (nuint)pages * Bytes, readWrite, privateAnonymousFixed, -1, 0) == -1)
            throw new InvalidOperationException("The test cannot map memory.");
    }

    [LibraryImport("libc", EntryPoint = "mmap")]
    private static partial nint MapCall(ulong address, nuint length, int protection, int flags, int file, long offset);

    [LibraryImport("libc", EntryPoint = "munmap")]
    private static partial int UnmapCall(ulong address, nuint length);

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int AdviseCall(ulong address, nuint length, int advice);
}
