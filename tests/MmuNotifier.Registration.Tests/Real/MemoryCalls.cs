using System.Runtime.InteropServices;

namespace MmuNotifier.Registration.Tests.Real;

/// <summary>System calls that change memory, past every wrapper, and what the kernel shows of pages.</summary>
internal static unsafe partial class MemoryCalls
{
    internal const ulong Page = 4096;
    internal const int ReadWrite = 3;
    internal const int Shared = 1;
    internal const int Private = 2;
    internal const int Anonymous = 0x20;
    internal const int Fixed = 0x10;
    private const int FixedNoReplace = 0x100000;
    private const int ReadWriteExecute = 7;

    /// <summary>
    /// fork; in the parent return. In the child: pause, for ever. The runtime does not work in a child of a process with threads.
    /// </summary>
    private static readonly byte[] s_fork =
    [
        0xB8, 0x39, 0x00, 0x00, 0x00, 0x0F, 0x05, // mov eax, 57; syscall    fork
        0x48, 0x85, 0xC0,                         // test rax, rax
        0x74, 0x01, 0xC3,                         // jz child; ret
        0xB8, 0x22, 0x00, 0x00, 0x00, 0x0F, 0x05, // child: mov eax, 34; syscall    pause
        0xEB, 0xF7,                               // jmp child
    ];

    private static ulong s_nextAddress = 0x6500_0000_0000;

    /// <summary>Addresses where the kernel puts nothing by its own choice, with free ones around.</summary>
    internal static ulong Reserve(ulong pages)
    {
        ulong bytes = (pages + 512) * Page;
        return Interlocked.Add(ref s_nextAddress, bytes) - bytes;
    }

    internal static void MapAt(
        ulong address, ulong pages, int flags = Private | Anonymous, int file = -1, long offset = 0, int protection = ReadWrite) =>
        Require((nint)address == Map(address, (nuint)(pages * Page), protection, flags | FixedNoReplace, file, offset), "mmap");

    internal static void MapOver(ulong address, ulong pages) =>
        Require((nint)address == Map(address, (nuint)(pages * Page), ReadWrite, Private | Anonymous | Fixed, -1, 0), "mmap");

    internal static void Touch(ulong address, ulong pages)
    {
        for (ulong i = 0; i < pages; i++)
            Volatile.Write(ref *(byte*)(address + (i * Page)), 1);
    }

    internal static void ReadEach(ulong address, ulong pages)
    {
        for (ulong i = 0; i < pages; i++)
            _ = Volatile.Read(ref *(byte*)(address + (i * Page)));
    }

    /// <summary>A call that must succeed.</summary>
    internal static nint Do(int number, params ReadOnlySpan<long> a)
    {
        Span<long> all = stackalloc long[6];
        a.CopyTo(all);
        nint result = Call(number, (nint)all[0], (nint)all[1], (nint)all[2], (nint)all[3], (nint)all[4], (nint)all[5]);
        Require(result != -1, $"call {number}");
        return result;
    }

    /// <summary>While a forked child has the same pages.</summary>
    internal static void WithForkedChild(Action action)
    {
        nint code = Map(0, (nuint)Page, ReadWriteExecute, Private | Anonymous, -1, 0);
        s_fork.CopyTo(new Span<byte>((void*)code, s_fork.Length));
        int child = ((delegate* unmanaged<int>)code)();
        Require(child > 0, "fork");
        try
        {
            action();
        }
        finally
        {
            const int killNumber = 62;
            const int waitNumber = 61;
            Do(killNumber, child, 9);
            Do(waitNumber, child, 0, 0, 0);
            Do(11, code, (long)Page);
        }
    }

    /// <summary>The frames of pages; 0 for one that is not present. Null where this user does not get to see them.</summary>
    internal static ulong[]? FramesOf(ulong address, ulong pages)
    {
        using var file = File.OpenHandle("/proc/self/pagemap");
        var entries = new ulong[pages];
        RandomAccess.Read(file, MemoryMarshal.AsBytes(entries.AsSpan()), (long)(address / Page * sizeof(ulong)));
        const ulong present = 1UL << 63;
        const ulong frame = (1UL << 55) - 1;
        bool isHidden = entries.Any(entry => (entry & present) != 0 && (entry & frame) == 0);
        return isHidden ? null : [.. entries.Select(entry => (entry & present) != 0 ? entry & frame : 0)];
    }

    private static void Require(bool succeeded, string what)
    {
        if (!succeeded)
            throw new NotSupportedException($"{what} answers {Marshal.GetLastPInvokeError()}");
    }

    [LibraryImport("libc", EntryPoint = "mmap", SetLastError = true)]
    private static partial nint Map(ulong address, nuint length, int protection, int flags, int file, long offset);

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial nint Call(nint number, nint a, nint b, nint c, nint d, nint e, nint f);
}
