namespace MmuNotifier.Linux;

/// <summary>What PROCMAP_QUERY says about one mapping; unlike the text it has the size of its pages, which shows hugetlb.</summary>
internal readonly record struct QueriedMapping(
    ulong Start,
    ulong Last,
    MappingProtection Protection,
    bool Shared,
    ulong Offset,
    ulong Device,
    ulong Inode,
    ulong PageSizeBytes)
{
    /// <summary>Whether the other begins where this ends, with the same memory behind it, so that both could be one mapping.</summary>
    internal bool IsContinuedBy(in QueriedMapping other) =>
        other.Start == Last + 1
            && other.Protection == Protection
            && other.Shared == Shared
            && other.Device == Device
            && other.Inode == Inode
        && other.PageSizeBytes == PageSizeBytes && (Inode == 0 || other.Offset == Offset + (Last - Start + 1));

    internal static QueriedMapping From(in ProcMapQueryArgument answer) => new(
        answer.Start,
        answer.End - 1,
        (MappingProtection)(answer.Flags
            & (ProcMapQueryArgument.Readable | ProcMapQueryArgument.Writable | ProcMapQueryArgument.Executable)),
        (answer.Flags & ProcMapQueryArgument.Shared) != 0,
        answer.Offset,
        ((ulong)answer.DeviceMajor << 20) | answer.DeviceMinor,
        answer.Inode,
        answer.PageSizeBytes);
}
