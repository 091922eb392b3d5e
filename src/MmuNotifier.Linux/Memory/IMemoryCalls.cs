using Microsoft.Win32.SafeHandles;

namespace MmuNotifier.Linux;

/// <summary>
/// Who makes the system calls of an address space: a process can change only its own. Results are as the kernel's: not negative, or the
/// error number negated.
/// </summary>
internal unsafe interface IMemoryCalls : IDisposable
{
    /// <summary>The process whose memory it is.</summary>
    int ProcessId { get; }

    /// <summary>mmap; the file is one of this process.</summary>
    long Map(ulong address, ulong length, int protection, int flags, SafeFileHandle? file, ulong offset);

    /// <summary>munmap.</summary>
    Errno Unmap(ulong address, ulong length);

    /// <summary>mremap.</summary>
    long Remap(ulong address, ulong length, ulong newLength, int flags, ulong newAddress);

    /// <summary>mprotect.</summary>
    Errno Protect(ulong address, ulong length, int protection);

    /// <summary>madvise.</summary>
    Errno Advise(ulong address, ulong length, int advice);

    /// <summary>Copies from an address to the beginning of the scratch file; fewer bytes where a fault fails in the middle.</summary>
    long CopyToScratch(ulong address, int length);

    /// <summary>Copies from the beginning of the scratch file to an address.</summary>
    long CopyFromScratch(ulong address, int length);

    /// <summary>fork: the object that makes the calls of the child.</summary>
    /// <param name="scratch">The scratch file for the child's copies; it keeps it.</param>
    /// <param name="error">Why there is no child.</param>
    /// <returns>Null with the error.</returns>
    IMemoryCalls? Fork(SafeFileHandle scratch, out Errno error);
}
