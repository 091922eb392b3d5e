namespace MmuNotifier.Linux.Handler;

/// <summary>What a <see cref="HandlerMessage"/> tells; the first three are the kernel's numbers of events.</summary>
internal enum HandlerMessageKind : byte
{
    /// <summary>mremap has moved a range.</summary>
    Remap = 0x14,

    /// <summary>madvise is about to drop the pages of a range.</summary>
    Remove = 0x15,

    /// <summary>A range has been unmapped.</summary>
    Unmap = 0x16,

    /// <summary>The CPU has touched a page that a device had, and has it again.</summary>
    Returned = 0xF0,

    /// <summary>Messages were lost: anything may have changed.</summary>
    Lost = 0xF1,

    /// <summary>A page that a device had went with a removal or an unmapping, of which is told next.</summary>
    Dropped = 0xF2,
}
