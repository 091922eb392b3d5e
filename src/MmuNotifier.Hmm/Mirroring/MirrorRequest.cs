using System.Runtime.InteropServices;

namespace MmuNotifier.Hmm;

/// <summary>What a request to a mirror device is about (<c>struct hmm_dmirror_cmd</c>, 40 bytes).</summary>
[StructLayout(LayoutKind.Sequential, Size = SizeBytes)]
public struct MirrorRequest
{
    /// <summary>Bytes of it.</summary>
    public const int SizeBytes = 40;

    /// <summary>The number of the first request (<c>HMM_DMIRROR_READ</c>); the others follow in the order of <see cref="MirrorRequestKind"/>.</summary>
    public const uint FirstNumber = 0xC028_4800;

    /// <summary>First byte of the range; of a page.</summary>
    public ulong Address { get; set; }

    /// <summary>Where the program's bytes are, or go.</summary>
    public ulong UserAddress { get; set; }

    /// <summary>Pages of the range; for flags, the flags.</summary>
    public ulong Pages { get; set; }

    /// <summary>Out: pages it was done for.</summary>
    public ulong PagesDone { get; set; }

    /// <summary>Out: faults of the device.</summary>
    public ulong Faults { get; set; }

    /// <summary>The pages named.</summary>
    /// <param name="range">The range.</param>
    /// <returns>False for no pages, for bytes that begin in the middle of one, and for a range beyond the end.</returns>
    public readonly bool TryGetRange(out AddressRange range)
    {
        range = default;
        ulong bytes = Pages * MirroredMemory.PageBytes;
        if (Address % MirroredMemory.PageBytes != 0 || Pages == 0 || bytes / MirroredMemory.PageBytes != Pages || Address + bytes < Address)
            return false;
        range = AddressRange.FromLength(Address, bytes);
        return true;
    }
}
