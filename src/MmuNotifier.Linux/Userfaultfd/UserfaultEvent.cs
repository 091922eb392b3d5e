using System.Runtime.InteropServices;

namespace MmuNotifier.Linux;

/// <summary>
/// One event, decoded. [Start, Last] is always a range of whole pages that a process can have, so no reader needs to check it: it is the
/// whole address space, or it ends below 2^63. Compiled into the native fault handler too, which passes events on in this layout.
/// </summary>
/// <param name="Kind">What happened.</param>
/// <param name="Start">
/// First byte. Unmap, Remove: of the range. Remap: of the old place. Duplicate: of one page there, because the kernel does not say how
/// many there are. PageFault, Returned, Dropped: of the page. Unknown, Lost, Fork: 0.
/// </param>
/// <param name="Last">Last byte, inclusive.</param>
/// <param name="Detail">
/// Remap, Duplicate: first byte of the new place; that range is valid too. PageFault: <see cref="PageFaultFlags"/>. Fork: the child's
/// descriptor. Returned, Dropped: where the word of the page's frame is; it may be another page's by now.
/// </param>
[StructLayout(LayoutKind.Sequential, Size = SizeBytes)]
internal readonly record struct UserfaultEvent(UserfaultEventKind Kind, ulong Start, ulong Last, ulong Detail)
{
    internal const int SizeBytes = 32;

    /// <summary>The kernel has the upper half of the address space.</summary>
    private const ulong LastOfUser = ulong.MaxValue >> 1;

    /// <summary>From the first byte to the last.</summary>
    internal AddressRange Range => new(Start, Last);

    /// <summary>Anything may have changed.</summary>
    internal static UserfaultEvent Unknown => Everywhere(UserfaultEventKind.Unknown);

    /// <summary>An event that concerns the whole address space.</summary>
    internal static UserfaultEvent Everywhere(UserfaultEventKind kind) => new(kind, 0, ulong.MaxValue, 0);

    internal static UserfaultEvent OfPage(UserfaultEventKind kind, ulong address, ulong detail) =>
        new(kind, PageSize.StartOf(address), address | PageSize.OffsetMask, detail);

    /// <summary>
    /// Decodes whatever the kernel sends. Never throws: an event that cannot be, or of an unknown kind, becomes <see cref="Unknown"/>.
    /// </summary>
    internal static UserfaultEvent Decode(in UserfaultMessage message) => message.Number switch
    {
        UserfaultMessage.PageFault when message.Second <= LastOfUser =>
            OfPage(UserfaultEventKind.PageFault, message.Second, message.First),
        UserfaultMessage.Fork when message.ForkDescriptor <= int.MaxValue =>
            Everywhere(UserfaultEventKind.Fork) with { Detail = message.ForkDescriptor },
        UserfaultMessage.Remove => DecodeRange(UserfaultEventKind.Remove, message.First, message.Second),
        UserfaultMessage.Unmap => DecodeRange(UserfaultEventKind.Unmap, message.First, message.Second),
        UserfaultMessage.Remap => DecodeRemap(message.First, message.Second, message.LengthBytes),
        _ => Unknown,
    };

    // Part of a page cannot go: a range that is not aligned concerns all pages that it meets.
    private static UserfaultEvent DecodeRange(UserfaultEventKind kind, ulong start, ulong end) =>
        start < end && end - 1 <= LastOfUser
            ? new UserfaultEvent(kind, PageSize.StartOf(start), (end - 1) | PageSize.OffsetMask, 0)
            : Unknown;

    private static UserfaultEvent DecodeRemap(ulong from, ulong to, ulong lengthBytes)
    {
        bool isPlaceable = ((from | to) & PageSize.OffsetMask) == 0 && from <= LastOfUser && to <= LastOfUser;
        if (!isPlaceable)
            return Unknown;
        if (lengthBytes == 0)
            return OfPage(UserfaultEventKind.Duplicate, from, to);
        ulong distanceToLast = (lengthBytes - 1) | PageSize.OffsetMask;
        return distanceToLast <= LastOfUser - Math.Max(from, to)
            ? new UserfaultEvent(UserfaultEventKind.Remap, from, from + distanceToLast, to)
            : Unknown;
    }
}
