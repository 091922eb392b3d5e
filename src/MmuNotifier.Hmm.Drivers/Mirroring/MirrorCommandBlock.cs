using System.Runtime.InteropServices;

namespace MmuNotifier.Hmm.Drivers.Mirroring;

/// <summary>What a command is about, as it lies in a program's memory: 40 bytes (<c>struct hmm_dmirror_cmd</c>).</summary>
[StructLayout(LayoutKind.Sequential, Size = 40)]
public record struct MirrorCommandBlock
{
    /// <summary>The ioctl request of command 0.</summary>
    public const uint FirstRequest = 0xC028_4800;

    /// <summary>First byte of the pages; of a page.</summary>
    public ulong Address { get; set; }

    /// <summary>Where the program's bytes are, or go.</summary>
    public ulong UserAddress { get; set; }

    /// <summary>Number of pages, at least 1.</summary>
    public ulong Pages { get; set; }

    /// <summary>Out: pages that it was done for.</summary>
    public ulong PagesDone { get; set; }

    /// <summary>Out: faults of the device.</summary>
    public ulong Faults { get; set; }

    /// <summary>The bytes of the pages.</summary>
    /// <param name="range">The range.</param>
    /// <returns>False for no pages, an address inside a page, and a range beyond the last address.</returns>
    public readonly bool TryGetRange(out AddressRange range)
    {
        range = default;
        ulong bytes = unchecked(Pages * MirroredMemory.PageBytes);
        bool isRange = Address % MirroredMemory.PageBytes == 0 && Pages is > 0 and <= ulong.MaxValue / MirroredMemory.PageBytes
            && bytes <= ulong.MaxValue - Address;
        if (isRange)
            range = AddressRange.FromLength(Address, bytes);
        return isRange;
    }
}
