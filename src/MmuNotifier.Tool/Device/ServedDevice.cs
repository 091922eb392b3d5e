using MmuNotifier.Hmm;
using MmuNotifier.Linux.Remote;

namespace MmuNotifier.Tool.Device;

/// <summary>One mirror device: its memory, and the files by which programs have it open.</summary>
internal sealed class ServedDevice : IDisposable
{
    /// <summary>1 GiB; committed by the system page by page.</summary>
    private const int CapacityPages = 262_144;

    private readonly Lock _lock = new();
    private readonly List<ServedDeviceFile> _files = [];

    internal ServedDevice(DeviceMemoryKind kind) => Memory = new DeviceMemory(kind, this, CapacityPages);

    internal DeviceMemory Memory { get; }

    internal ServedDeviceFile Open(RemoteMemory memory)
    {
        var file = new ServedDeviceFile(this, memory);
        lock (_lock)
            _files.Add(file);
        return file;
    }

    internal void Closed(ServedDeviceFile file)
    {
        lock (_lock)
            _files.Remove(file);
    }

    /// <summary>Brings everything back that is in the device's memory, whoever's it is.</summary>
    internal void EvictAll()
    {
        ServedDeviceFile[] files;
        lock (_lock)
            files = [.. _files];
        foreach (ServedDeviceFile file in files)
            file.Evict();
    }

    public void Dispose() => Memory.Dispose();
}
