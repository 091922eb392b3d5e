using System.Runtime.InteropServices;

namespace MmuNotifier.Benchmarks.Caches.Sides;

/// <summary>Mappings.</summary>
internal static partial class Memory
{
    internal const ulong Page = 4096;
    internal const int NoAccess = 0;
    internal const int ReadWrite = 3;
    internal const int NoReserve = 0x4000;
    internal const int Fixed = 0x10;
    private const int PrivateAnonymous = 0x22;

    internal static ulong Map(ulong address, ulong length, int protection, int flags)
    {
        nint mapped = MapCall(address, (nuint)length, protection, PrivateAnonymous | flags, -1, 0);
        return mapped == -1
            ? throw new InvalidOperationException($"mmap fails with error {Marshal.GetLastPInvokeError()}.")
            : (ulong)mapped;
    }

    internal static void Unmap(ulong address, ulong length)
    {
        if (UnmapCall(address, (nuint)length) != 0)
            throw new InvalidOperationException($"munmap fails with error {Marshal.GetLastPInvokeError()}.");
    }

    internal static unsafe void Touch(ulong address, ulong length)
    {
        for (ulong offset = 0; offset < length; offset += Page)
            *(byte*)(address + offset) = 1;
    }

    [LibraryImport("libc", EntryPoint = "mmap", SetLastError = true)]
    private static partial nint MapCall(ulong address, nuint length, int protection, int flags, int file, long offset);

    [LibraryImport("libc", EntryPoint = "munmap", SetLastError = true)]
    private static partial int UnmapCall(ulong address, nuint length);
}
