namespace MmuNotifier.Linux;

/// <summary>What a mapping is, as far as its name and its file show.</summary>
internal enum MappingKind : byte
{
    /// <summary>Private memory without a file.</summary>
    Anonymous,
    Heap,
    Stack,

    /// <summary>An ordinary file, private or shared.</summary>
    File,

    /// <summary>Shared memory without a name in a file system: MAP_SHARED|MAP_ANONYMOUS.</summary>
    SharedAnonymous,
    Memfd,
    SystemVSharedMemory,

    /// <summary>Huge pages without a file of their own.</summary>
    AnonymousHugePages,

    /// <summary>memfd_secret: nobody but its process can read it.</summary>
    Secret,

    /// <summary>A device or a kernel object; its pages may not be memory.</summary>
    Device,

    /// <summary>Data of the kernel for the vdso, under any of its names.</summary>
    Vvar,
    Vdso,
    Vsyscall,

    /// <summary>Another mapping that the kernel itself made ([uprobes], ...).</summary>
    KernelSpecial,
}
