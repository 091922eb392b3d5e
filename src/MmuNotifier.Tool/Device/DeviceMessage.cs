using System.Runtime.InteropServices;

namespace MmuNotifier.Tool.Device;

/// <summary>struct mmun_message of protocol.h: a packet between the preloaded library and the device process, in both directions.</summary>
[StructLayout(LayoutKind.Sequential, Size = SizeBytes)]
internal struct DeviceMessage
{
    internal const int SizeBytes = 40;

    internal DeviceMessageKind Kind;

    /// <summary>An error number, or 0.</summary>
    internal int Error;
    internal ulong Number;
    internal ulong Value;
    internal ulong Address;
    internal ulong LengthBytes;
}
