using MmuNotifier.Hmm;

namespace MmuNotifier.Differential;

/// <summary>An address space as a program uses it: what <see cref="VirtualMemory"/> has of it and the bare kernel has too.</summary>
public interface IProgramMemory : IDisposable
{
    /// <summary>mmap.</summary>
    Errno Map(ulong address, ulong length, Protection protection, MapFlags flags, MemoryFile? file, ulong offset, out ulong mapped);

    /// <summary>munmap.</summary>
    Errno Unmap(ulong address, ulong length);

    /// <summary>mremap.</summary>
    Errno Remap(ulong address, ulong length, ulong newLength, RemapFlags flags, ulong newAddress, out ulong mapped);

    /// <summary>mprotect.</summary>
    Errno Protect(ulong address, ulong length, Protection protection);

    /// <summary>madvise.</summary>
    Errno Advise(ulong address, ulong length, Advice advice);

    /// <summary>Reading by the CPU; BadAddress instead of a signal, with the bytes before it read.</summary>
    Errno Load(ulong address, Span<byte> destination);

    /// <summary>Writing by the CPU; BadAddress instead of a signal, with the bytes before it written.</summary>
    Errno Store(ulong address, ReadOnlySpan<byte> source);

    /// <summary>A file of zeros.</summary>
    MemoryFile CreateFile(ulong length);

    /// <summary>fork; disposing the child ends it.</summary>
    IProgramMemory Fork();

    /// <summary>The mappings in a range, cut to it, in ascending order; neighbours may be joined or not.</summary>
    IReadOnlyList<Mapping> GetMappings(AddressRange window);

    /// <summary>What is wrong with the announcements of the operations since the last call; null if nothing, or if none are made.</summary>
    string? FindUnannounced(AddressRange window);
}
