
namespace MmuNotifier.Hmm.Drivers.Tests.Stress;

/// <summary>A driver that is wrong: it keeps frames without a notifier.</summary>
internal sealed class StaleDriver(VirtualMemory memory) : IReferenceDriver
{
    private readonly Lock _lock = new();
    private readonly Dictionary<ulong, PageEntry> _entries = [];

    public string Name => "stale";

    public Errno Read(ulong address, Span<byte> destination)
    {
        Errno error = Find(address, isWrite: false, out PageEntry entry);
        return error != Errno.None ? error : memory.ReadFrame(entry.Frame, 0, destination);
    }

    public Errno Write(ulong address, ReadOnlySpan<byte> source)
    {
        Errno error = Find(address, isWrite: true, out PageEntry entry);
        return error != Errno.None ? error : memory.WriteFrame(entry.Frame, 0, source);
    }

    public void Dispose()
    {
    }

    private Errno Find(ulong address, bool isWrite, out PageEntry entry)
    {
        lock (_lock)
        {
            if (_entries.TryGetValue(address, out entry) && (entry.IsWritable || !isWrite))
                return Errno.None;
        }

        Errno error = memory.FaultIn(address, isWrite);
        if (error != Errno.None)
            return error;
        memory.GetPages(AddressRange.FromLength(address, MirroredMemory.PageBytes), new Span<PageEntry>(ref entry));
        if (entry.Frame == 0)
            return Errno.Busy;
        lock (_lock)
            _entries[address] = entry;
        return Errno.None;
    }
}
