using MmuNotifier.Hmm;
using MmuNotifier.Linux.Remote;

namespace MmuNotifier.Tool.Device;

/// <summary>The devices /dev/hmm_dmirror0 to 3: two with private memory, two with coherent memory.</summary>
internal sealed class DeviceSet : IDisposable
{
    internal const int Count = 4;
    private const int PrivateCount = 2;

    private readonly MirrorDevice[] _devices =
        [.. Enumerable.Range(0, Count).Select(i => new MirrorDevice(i < PrivateCount ? DeviceMemoryKind.Private : DeviceMemoryKind.Coherent))];

    internal MirrorDeviceFile Open(int number, RemoteMemory memory) => _devices[number].Open(memory);

    public void Dispose()
    {
        foreach (MirrorDevice device in _devices)
            device.Dispose();
    }
}
