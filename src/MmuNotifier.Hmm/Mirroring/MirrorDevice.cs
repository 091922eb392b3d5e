namespace MmuNotifier.Hmm;

/// <summary>
/// A mirror device (<c>lib/test_hmm.c</c>): device memory, and the files by which programs have it open. It mirrors what the CPU maps, and moves
/// pages to and fro on request.
/// </summary>
/// <remarks>Usable from any thread.</remarks>
public sealed class MirrorDevice : IDisposable
{
    /// <summary>Pages of device memory if none is said: 1 GiB, committed by the system page by page.</summary>
    public const int DefaultCapacityPages = 262_144;

    /// <summary>Logarithm of the pages of a huge page.</summary>
    internal const int HugeOrder = 9;

    private readonly Lock _lock = new();
    private readonly List<MirrorDeviceFile> _files = [];

    /// <summary>Makes a device.</summary>
    /// <param name="kind">Who reaches its memory.</param>
    /// <param name="capacityPages">Pages of its memory.</param>
    public MirrorDevice(DeviceMemoryKind kind, int capacityPages = DefaultCapacityPages) => Memory = new DeviceMemory(kind, this, capacityPages);

    /// <summary>Its memory; the device is the owner.</summary>
    public DeviceMemory Memory { get; }

    /// <summary>Opens the device for an address space.</summary>
    /// <param name="memory">What it is to mirror.</param>
    /// <returns>The file; disposing it closes it.</returns>
    public MirrorDeviceFile Open(MirroredMemory memory)
    {
        ArgumentNullException.ThrowIfNull(memory);
        var file = new MirrorDeviceFile(this, memory);
        lock (_lock)
            _files.Add(file);
        return file;
    }

    /// <summary>Frees its memory. All files must be closed.</summary>
    public void Dispose() => Memory.Dispose();

    internal void Closed(MirrorDeviceFile file)
    {
        lock (_lock)
            _files.Remove(file);
    }

    /// <summary>Brings everything back that is in the device's memory.</summary>
    internal void EvictAll()
    {
        MirrorDeviceFile[] files;
        lock (_lock)
            files = [.. _files];
        foreach (MirrorDeviceFile file in files)
            file.Evict();
    }
}
