using MmuNotifier.Linux;

namespace MmuNotifier.Processes;

/// <summary>
/// A file by device and inode, the device as in <see cref="ProcessMapping.Device"/>. On file systems that give stat a device of their
/// own (btrfs, overlayfs) the number in the maps differs from that of an open descriptor, so the two are not compared there.
/// </summary>
internal readonly record struct FileIdentity(ulong Device, ulong Inode)
{
    internal static FileIdentity Of(in ProcessMapping mapping) => new(mapping.Device, mapping.Inode);

    internal static FileIdentity Of(in FileStatus status) =>
        new(((ulong)status.DeviceMajor << 20) | status.DeviceMinor, status.Inode);
}
