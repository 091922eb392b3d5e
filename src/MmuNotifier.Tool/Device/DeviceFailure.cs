namespace MmuNotifier.Tool.Device;

/// <summary>enum mmun_failure of protocol.h: what a program could not do to ask the device.</summary>
internal enum DeviceFailure : ulong
{
    NoUserfaultfd = 1,
    NoConversation = 2,
}
