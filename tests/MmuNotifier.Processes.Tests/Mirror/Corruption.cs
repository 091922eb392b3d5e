using System.Reflection;
using MmuNotifier.Processes.Mirroring;

namespace MmuNotifier.Processes.Tests.Mirror;

/// <summary>Turns one bit of one copy or of one hash, which nothing in the mirror itself can do.</summary>
internal static class Corruption
{
    internal static void Corrupt(this ProcessMirror mirror)
    {
        var device = (CopyDevice)Field(mirror, "_device");
        FrameStore frames = ((PageCopies)Field(device, "_copies")).Frames;
        var pages = new ulong[1];
        var found = new int[1];
        Assert.Equal(1, device.Table.CopyEntries(0, ulong.MaxValue >> PageTable.PageShift, pages, found));
        frames.Bytes(found[0])[11] ^= 1;
    }

    private static object Field(object owner, string name) =>
        owner.GetType().GetField(name, BindingFlags.Instance | BindingFlags.NonPublic)!.GetValue(owner)!;
}
