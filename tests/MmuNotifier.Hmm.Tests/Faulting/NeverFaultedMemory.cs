namespace MmuNotifier.Hmm.Tests.Faulting;

/// <summary>The memory of another, but each fault is to be tried again, for ever.</summary>
internal sealed class NeverFaultedMemory(MirroredMemory memory) : MirroredMemory
{
    public override AddressSpace Space => memory.Space;

    public override bool TryFindMapping(ulong address, out Mapping mapping) => memory.TryFindMapping(address, out mapping);

    public override Errno GetPages(AddressRange range, Span<PageEntry> entries) => memory.GetPages(range, entries);

    public override IReadOnlyList<ulong> FindDevicePages(DeviceMemory device) => memory.FindDevicePages(device);

    public override Errno FaultIn(ulong address, bool isWrite, object? owner = null) => Errno.Again;

    public override Errno ReadFrame(ulong frame, int offset, Span<byte> destination) => memory.ReadFrame(frame, offset, destination);

    public override Errno WriteFrame(ulong frame, int offset, ReadOnlySpan<byte> source) => memory.WriteFrame(frame, offset, source);

    public override Errno MakeExclusive(AddressRange range, object owner, Span<ulong> frames) => throw new NotSupportedException();

    protected internal override Errno CollectPages(AddressRange range, MigrateSelect select, object owner, Span<MigratePage> pages) =>
        throw new NotSupportedException();

    protected internal override Errno CopyPage(ref MigratePage page) => throw new NotSupportedException();

    protected internal override void FinishPages(AddressRange range, object owner, Span<MigratePage> pages) =>
        throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        // The memory is the test's.
    }
}
