namespace MmuNotifier.Hmm.Tests.Faulting;

/// <summary>The memory of another, but the test says what a fault does.</summary>
internal sealed class FaultingMemory(MirroredMemory memory, Func<ulong, Errno> fault) : MirroredMemory
{
    public override AddressSpace Space => memory.Space;

    public override bool TryFindMapping(ulong address, out Mapping mapping) => memory.TryFindMapping(address, out mapping);

    public override Errno GetPages(AddressRange range, Span<PageEntry> entries) => memory.GetPages(range, entries);

    public override IReadOnlyList<ulong> FindDevicePages(DeviceMemory device) => memory.FindDevicePages(device);

    public override Errno FaultIn(ulong address, bool isWrite, object? owner = null) => fault(address);

    public override Errno ReadFrame(ulong frame, int offset, Span<byte> destination) => memory.ReadFrame(frame, offset, destination);

    public override Errno WriteFrame(ulong frame, int offset, ReadOnlySpan<byte> source) => memory.WriteFrame(frame, offset, source);

    public override Errno MakeExclusive(AddressRange range, object owner, Span<ulong> frames) => throw new NotSupportedException();

    protected internal override Errno CollectPages(AddressRange range, MigrateSelect select, object owner, Span<MigratePage> pages) =>
        throw new NotSupportedException();

    protected internal override void CopyPages(Span<MigratePage> pages) => throw new NotSupportedException();

    protected internal override void FinishPages(AddressRange range, object owner, Span<MigratePage> pages) =>
        throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        // The memory is the test's.
    }
}
