using MmuNotifier.Hmm;
using MmuNotifier.Hmm.Drivers.Mirroring;

namespace MmuNotifier.Tool.Device;

/// <summary>The devices /dev/hmm_dmirror0 to 3: two with private memory, two with coherent memory.</summary>
internal sealed class DeviceSet : IDisposable
{
    internal const int Count = MirrorDevice.Count;

    /// <summary>1 GiB each; committed by the system page by page.</summary>
    private const int CapacityPages = 262_144;

    private readonly MirrorDevice[] _devices = [.. Enumerable.Range(0, Count).Select(index => new MirrorDevice(index, CapacityPages))];

    internal MirrorDeviceFile Open(int number, MirroredMemory memory) => _devices[number].Open(memory);

    public void Dispose()
    {
        foreach (MirrorDevice device in _devices)
            device.Dispose();
    }
}
