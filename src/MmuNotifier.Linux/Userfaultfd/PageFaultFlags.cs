namespace MmuNotifier.Linux;

/// <summary>What kind of fault waits (UFFD_PAGEFAULT_FLAG_*); none of them: a missing page was read.</summary>
[Flags]
internal enum PageFaultFlags : ulong
{
    None = 0,
    Write = 1 << 0,

    /// <summary>A page that is there and protected was written.</summary>
    WriteProtected = 1 << 1,
}
