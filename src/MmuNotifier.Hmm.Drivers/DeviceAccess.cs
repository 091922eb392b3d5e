namespace MmuNotifier.Hmm.Drivers;

/// <summary>One access of a device to bytes of one page.</summary>
internal readonly ref struct DeviceAccess
{
    private readonly int _offset;
    private readonly Span<byte> _destination;
    private readonly ReadOnlySpan<byte> _source;

    public DeviceAccess(ulong address, Span<byte> destination)
    {
        _offset = (int)(address % MirroredMemory.PageBytes);
        _destination = destination;
        Page = address - (ulong)_offset;
    }

    public DeviceAccess(ulong address, ReadOnlySpan<byte> source)
    {
        _offset = (int)(address % MirroredMemory.PageBytes);
        _source = source;
        Page = address - (ulong)_offset;
        IsWrite = true;
    }

    /// <summary>First byte of the page.</summary>
    public ulong Page { get; }

    public bool IsWrite { get; }

    /// <summary>All bytes of the page.</summary>
    public AddressRange PageRange => AddressRange.FromLength(Page, MirroredMemory.PageBytes);

    /// <summary>Whether the entry is good for it.</summary>
    public bool IsAllowedBy(HmmEntry entry) => entry.IsValid && (entry.IsWritable || !IsWrite);

    /// <summary>Does it. Who calls guarantees that the entry is not invalidated meanwhile.</summary>
    public Errno Run(MirroredMemory memory, HmmEntry entry) => IsWrite
        ? memory.WriteFrame(entry.Frame, _offset, _source)
        : memory.ReadFrame(entry.Frame, _offset, _destination);

    /// <summary>How many of the bytes from the address on lie in its page.</summary>
    public static int LengthInPage(ulong address, int length) =>
        (int)Math.Min((ulong)length, MirroredMemory.PageBytes - (address % MirroredMemory.PageBytes));
}
