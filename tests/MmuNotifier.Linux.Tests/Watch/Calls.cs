using System.Runtime.InteropServices;

namespace MmuNotifier.Linux.Tests.Watch;

/// <summary>The calls whose traces are tested, without any wrapper that announces them.</summary>
internal static unsafe partial class Calls
{
    internal const ulong Page = 4096;
    internal const int ReadWrite = 3;
    internal const int PrivateAnonymous = 0x22;
    internal const int Fixed = 0x10;
    internal const int FixedNoReplace = 0x100000;
    internal const int DontNeed = 4;
    internal const int Free = 8;
    internal const int Remove = 9;

    /// <summary>
    /// Where the kernel puts nobody's mappings: what a test unmaps stays a hole, and what it unmaps a second time is no other's.
    /// </summary>
    private static ulong s_nextAddress = 0x6200_0000_0000;

    internal static ulong MapPages(ulong pages, int protection = ReadWrite, int flags = PrivateAnonymous, ulong address = 0, int file = -1)
    {
        if (address == 0)
        {
            const ulong gap = 64 * Page; // So that no two become one mapping.
            address = Interlocked.Add(ref s_nextAddress, (pages * Page) + gap) - (pages * Page) - gap;
            flags |= FixedNoReplace;
        }

        nint result = Map((nint)address, (nuint)(pages * Page), protection, flags, file, 0);
        Assert.NotEqual(-1, result);
        return (ulong)result;
    }

    internal static ulong MapTouched(ulong pages)
    {
        ulong address = MapPages(pages);
        Touch(address, pages);
        return address;
    }

    internal static void Touch(ulong address, ulong pages)
    {
        for (ulong i = 0; i < pages; i++)
            Volatile.Write(ref *(byte*)(address + (i * Page)), 1);
    }

    internal static AddressRange Pages(ulong address, ulong pages) => AddressRange.FromLength(address, pages * Page);

    [LibraryImport("libc", EntryPoint = "mmap", SetLastError = true)]
    internal static partial nint Map(nint address, nuint length, int protection, int flags, int file, long offset);

    [LibraryImport("libc", EntryPoint = "munmap", SetLastError = true)]
    internal static partial int Unmap(ulong address, ulong length);

    [LibraryImport("libc", EntryPoint = "mremap", SetLastError = true)]
    internal static partial nint Remap(ulong address, ulong length, ulong newLength, int flags, ulong newAddress);

    [LibraryImport("libc", EntryPoint = "mprotect", SetLastError = true)]
    internal static partial int Protect(ulong address, ulong length, int protection);

    [LibraryImport("libc", EntryPoint = "madvise", SetLastError = true)]
    internal static partial int Advise(ulong address, ulong length, int advice);

    [LibraryImport("libc", EntryPoint = "dup", SetLastError = true)]
    internal static partial int Duplicate(int descriptor);

    [LibraryImport("libc", EntryPoint = "dup2", SetLastError = true)]
    internal static partial int Duplicate(int descriptor, int place);

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int OpenFile(string path, int flags);

    [LibraryImport("libc", EntryPoint = "close")]
    internal static partial int Close(int descriptor);

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    internal static partial nint SystemCall(nint number, nint a, nint b, nint c);

    [LibraryImport("libc", EntryPoint = "remap_file_pages", SetLastError = true)]
    internal static partial int RemapFilePages(ulong address, ulong length, int protection, ulong pageOffset, int flags);

    /// <summary>A segment of System V that goes when it is detached, attached over what is at an address.</summary>
    internal static ulong AttachSegment(ulong pages, ulong address)
    {
        const int createForAll = 0x3B6;
        const int remap = 0x4000;
        int segment = GetSegment(0, pages * Page, createForAll);
        Assert.True(segment >= 0, "shmget fails");
        nint attached = AttachSegment(segment, address, remap);
        Assert.Equal(0, ControlSegment(segment, 0, 0));
        Assert.NotEqual(-1, attached);
        return (ulong)attached;
    }

    [LibraryImport("libc", EntryPoint = "shmget", SetLastError = true)]
    private static partial int GetSegment(int key, ulong length, int flags);

    [LibraryImport("libc", EntryPoint = "shmat", SetLastError = true)]
    private static partial nint AttachSegment(int segment, ulong address, int flags);

    [LibraryImport("libc", EntryPoint = "shmctl", SetLastError = true)]
    private static partial int ControlSegment(int segment, int command, nint argument);

    [LibraryImport("libc", EntryPoint = "shmdt", SetLastError = true)]
    internal static partial int DetachSegment(ulong address);
}
