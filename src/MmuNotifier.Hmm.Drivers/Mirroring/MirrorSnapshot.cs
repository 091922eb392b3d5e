namespace MmuNotifier.Hmm.Drivers.Mirroring;

/// <summary>
/// What a byte of <see cref="MirrorCommand.Snapshot"/> says of a page (<c>HMM_DMIRROR_PROT_*</c>): one permission, or-ed with the rest.
/// </summary>
public static class MirrorSnapshot
{
    /// <summary>Nothing is there.</summary>
    public const byte None = 0x00;

    /// <summary>Readable.</summary>
    public const byte Read = 0x01;

    /// <summary>Writable.</summary>
    public const byte Write = 0x02;

    /// <summary>In a mapping of 2 MiB.</summary>
    public const byte Pmd = 0x04;

    /// <summary>In a mapping of 1 GiB.</summary>
    public const byte Pud = 0x08;

    /// <summary>The page of zeros.</summary>
    public const byte Zero = 0x10;

    /// <summary>In this device's private memory.</summary>
    public const byte PrivateLocal = 0x20;

    /// <summary>In another device's private memory.</summary>
    public const byte PrivateRemote = 0x30;

    /// <summary>In this device's coherent memory.</summary>
    public const byte CoherentLocal = 0x40;

    /// <summary>In another device's coherent memory.</summary>
    public const byte CoherentRemote = 0x50;

    /// <summary>The page cannot be had.</summary>
    public const byte Error = 0xff;

    private const int PmdOrder = 9;
    private const int PudOrder = 18;

    internal static byte Describe(HmmEntry entry, bool isZeroPage, DeviceMemory local)
    {
        if (entry.IsError)
            return Error;
        if (!entry.IsValid)
            return None;
        int seen = entry.IsWritable ? Write : Read;
        if (DeviceMemory.Of(entry.Frame) is { } memory)
        {
            seen |= memory.Kind == DeviceMemoryKind.Private
                ? memory == local ? PrivateLocal : PrivateRemote
                : memory == local ? CoherentLocal : CoherentRemote;
        }
        else if (isZeroPage)
        {
            seen |= Zero;
        }

        seen |= entry.Order >= PudOrder ? Pud : entry.Order >= PmdOrder ? Pmd : 0;
        return (byte)seen;
    }
}
