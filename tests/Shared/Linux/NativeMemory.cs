using System.Runtime.InteropServices;

namespace MmuNotifier.Tests.Shared;

/// <summary>A mapping of this process for a test to work on.</summary>
internal sealed unsafe partial class NativeMemory : IDisposable
{
    internal const ulong Page = 4096;

    private readonly ulong _length;

    internal NativeMemory(ulong pages, int flags = 0x22, int descriptor = -1, int protection = 3)
    {
        _length = pages * Page;
        nint address = Map(0, (nuint)_length, protection, flags, descriptor, 0);
        Start = address == -1 ? 0 : (ulong)address;
    }

    internal bool Exists => Start != 0;

    internal ulong Start { get; }

    internal ulong Last => Start + _length - 1;

    internal byte* Pointer => (byte*)Start;

    internal ulong PageAt(int index) => Start + ((ulong)index * Page);

    internal void Write(int page, byte value) => Volatile.Write(ref *(byte*)PageAt(page), value);

    internal byte Read(int page) => Volatile.Read(ref *(byte*)PageAt(page));

    internal int Advise(int firstPage, int pages, int advice) => AdviseCall((nint)PageAt(firstPage), (nuint)pages * 4096, advice);

    internal int Unmap(int firstPage, int pages) => UnmapCall((nint)PageAt(firstPage), (nuint)pages * 4096);

    internal int Protect(int firstPage, int pages, int protection) =>
        ProtectCall((nint)PageAt(firstPage), (nuint)pages * 4096, protection);

    public void Dispose()
    {
        if (Exists)
            _ = UnmapCall((nint)Start, (nuint)_length);
    }

    [LibraryImport("libc", EntryPoint = "mmap")]
    private static partial nint Map(nint address, nuint length, int protection, int flags, int descriptor, long offset);

    [LibraryImport("libc", EntryPoint = "munmap")]
    private static partial int UnmapCall(nint address, nuint length);

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int AdviseCall(nint address, nuint length, int advice);

    [LibraryImport("libc", EntryPoint = "mprotect")]
    private static partial int ProtectCall(nint address, nuint length, int protection);

    [LibraryImport("libc", EntryPoint = "memfd_create", StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int CreateMemfd(string name, uint flags);

    [LibraryImport("libc", EntryPoint = "ftruncate")]
    internal static partial int Truncate(int descriptor, long length);

    [LibraryImport("libc", EntryPoint = "close")]
    internal static partial int Close(int descriptor);
}
