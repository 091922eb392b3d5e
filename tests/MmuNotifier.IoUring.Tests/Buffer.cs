using System.Runtime.InteropServices;

namespace MmuNotifier.IoUring.Tests;

/// <summary>
/// Pages of this process that a test maps, unmaps and maps again at the same place: one where the kernel maps nothing by its own choice, so
/// that nobody else gets it meanwhile, and that has no neighbours.
/// </summary>
internal sealed unsafe partial class Buffer : IDisposable
{
    internal const int PageBytes = 4096;

    private const int ReadWrite = 3;
    private const int PrivateAnonymous = 0x22;
    private const int FixedNoReplace = 0x10_0000;
    private const int Shared = 1;
    private const long FirstAddress = 0x3000_0000_0000;
    private const long Distance = 2L << 30;

    private static long s_last = FirstAddress;

    private readonly nint _address;
    private readonly int _pages;
    private bool _isMapped = true;

    /// <summary>Anonymous memory, or that of a file.</summary>
    internal Buffer(int pages, SafeHandle? file = null)
    {
        _pages = pages;
        _address = (nint)Interlocked.Add(ref s_last, Distance);
        int flags = (file is null ? PrivateAnonymous : Shared) | FixedNoReplace;
        int descriptor = file is null ? -1 : (int)file.DangerousGetHandle();
        Assert.Equal(_address, Map(_address, (nuint)LengthBytes, ReadWrite, flags, descriptor, 0));
    }

    internal ulong Address => (ulong)_address;

    internal int LengthBytes => _pages * PageBytes;

    internal AddressRange Range => AddressRange.FromLength(Address, (ulong)LengthBytes);

    /// <summary>While it is mapped.</summary>
    internal Span<byte> Bytes => new((void*)_address, LengthBytes);

    internal AddressRange Page(int index) => AddressRange.FromLength(Address + (ulong)(index * PageBytes), PageBytes);

    internal void Unmap()
    {
        Assert.Equal(0, Unmap(_address, (nuint)LengthBytes));
        _isMapped = false;
    }

    /// <summary>New pages at the same place.</summary>
    internal void MapAnew()
    {
        Assert.False(_isMapped);
        Assert.Equal(_address, Map(_address, (nuint)LengthBytes, ReadWrite, PrivateAnonymous | FixedNoReplace, -1, 0));
        _isMapped = true;
    }

    public void Dispose()
    {
        if (_isMapped)
            Unmap();
    }

    [LibraryImport("libc", EntryPoint = "mmap", SetLastError = true)]
    private static partial nint Map(nint address, nuint length, int protection, int flags, int file, long offset);

    [LibraryImport("libc", EntryPoint = "munmap", SetLastError = true)]
    private static partial int Unmap(nint address, nuint length);
}
