namespace MmuNotifier.Hmm.Drivers.Mirroring;

/// <summary>
/// The hardware of one mirror device, /dev/hmm_dmirror0 to 3: private memory for 0 and 1, coherent memory for 2 and 3
/// (<c>struct dmirror_device</c>).
/// </summary>
/// <remarks>May be used from any thread. Dispose it after all its files and the memories that hold its pages.</remarks>
public sealed class MirrorDevice : IDisposable
{
    /// <summary>How many there are.</summary>
    public const int Count = 4;

    private const int DefaultPages = 1 << 15;

    private readonly Lock _lock = new();
    private readonly List<MirrorDeviceFile> _files = [];

    /// <summary>Makes a device.</summary>
    /// <param name="index">Which: 0 to 3.</param>
    /// <param name="capacityPages">Pages of its memory; 128 MiB by default.</param>
    public MirrorDevice(int index, int capacityPages = DefaultPages)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, Count);
        Index = index;
        Memory = new DeviceMemory(index < 2 ? DeviceMemoryKind.Private : DeviceMemoryKind.Coherent, this, capacityPages);
    }

    /// <summary>Which it is: 0 to 3.</summary>
    public int Index { get; }

    /// <summary>Its memory; the owner is this device.</summary>
    public DeviceMemory Memory { get; }

    /// <summary>Opens it for an address space.</summary>
    /// <param name="memory">The address space.</param>
    public MirrorDeviceFile Open(MirroredMemory memory)
    {
        ArgumentNullException.ThrowIfNull(memory);
        var file = new MirrorDeviceFile(this, memory);
        lock (_lock)
            _files.Add(file);
        return file;
    }

    /// <summary>Moves everything out of its memory, of all address spaces that have it open.</summary>
    public void EvictAll()
    {
        // One file of each memory does it for all of them.
        foreach (MirrorDeviceFile file in Files().DistinctBy(file => file.Memory))
            file.Evict();
    }

    /// <summary>Frees its memory.</summary>
    public void Dispose() => Memory.Dispose();

    /// <summary>Erases pages from the tables of all files of an address space.</summary>
    internal void Forget(MirroredMemory memory, AddressRange range)
    {
        foreach (MirrorDeviceFile file in Files())
        {
            if (file.Memory == memory)
                file.Forget(range);
        }
    }

    internal void Closed(MirrorDeviceFile file)
    {
        lock (_lock)
            _files.Remove(file);
    }

    private MirrorDeviceFile[] Files()
    {
        lock (_lock)
            return [.. _files];
    }
}
