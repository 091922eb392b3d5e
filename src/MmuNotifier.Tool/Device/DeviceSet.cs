using MmuNotifier.Hmm;
using MmuNotifier.Linux.Remote;

namespace MmuNotifier.Tool.Device;

/// <summary>The devices /dev/hmm_dmirror0 to 3: two with private memory, two with coherent memory.</summary>
internal sealed class DeviceSet : IDisposable
{
    internal const int Count = 4;
    private const int PrivateCount = 2;

    private readonly ServedDevice[] _devices = [.. Enumerable.Range(0, Count).Select(number => new ServedDevice(KindOf(number)))];

    internal ServedDeviceFile Open(int number, RemoteMemory memory) => _devices[number].Open(memory);

    private static DeviceMemoryKind KindOf(int number) => number < PrivateCount ? DeviceMemoryKind.Private : DeviceMemoryKind.Coherent;

    public void Dispose()
    {
        foreach (ServedDevice device in _devices)
            device.Dispose();
    }
}
