namespace MmuNotifier.Tool.Device;

/// <summary>enum mmun_message_kind of protocol.h, where each is described.</summary>
internal enum DeviceMessageKind : uint
{
    Hello = 1,
    Open = 2,
    Ioctl = 3,
    Fork = 4,
    Advised = 5,
    Result = 6,
    Advise = 7,
    Remap = 8,
    Failed = 9,
}
