using System.Runtime.InteropServices;
using MmuNotifier.Hmm;

namespace MmuNotifier.Tool.Device;

/// <summary>What a request is about; struct hmm_dmirror_cmd.</summary>
[StructLayout(LayoutKind.Sequential, Size = 40)]
internal struct MirrorRequest
{
    internal ulong Address;

    /// <summary>Where the program's bytes are, or go.</summary>
    internal ulong Pointer;
    internal ulong Pages;

    /// <summary>Out: pages it was done for.</summary>
    internal ulong PagesDone;

    /// <summary>Out: faults of the device.</summary>
    internal ulong Faults;

    /// <summary>The pages named.</summary>
    /// <returns>False for no pages, for bytes that begin in the middle of one, and for a range beyond the end.</returns>
    internal readonly bool TryGetRange(out AddressRange range)
    {
        range = default;
        ulong bytes = Pages * MirroredMemory.PageBytes;
        if (Address % MirroredMemory.PageBytes != 0 || Pages == 0 || bytes / MirroredMemory.PageBytes != Pages || Address + bytes < Address)
            return false;
        range = AddressRange.FromLength(Address, bytes);
        return true;
    }
}
