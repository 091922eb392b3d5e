using System.Reflection;
using MmuNotifier.Processes.Mirroring;

namespace MmuNotifier.Processes.Tests.Mirror;

/// <summary>Turns one bit of one copy, which nothing in the mirror itself can do.</summary>
internal static class Corruption
{
    internal static void Corrupt(this ProcessMirror mirror)
    {
        var device = (CopyDevice)Field(mirror, "_device");
        var frames = (FrameStore)Field(device, "_frames");
        var pages = new ulong[1];
        var found = new int[1];
        Assert.Equal(1, device.Table.CopyEntries(0, ulong.MaxValue >> PageTable.PageShift, pages, found));
        frames.Bytes(found[0])[17] ^= 1;
    }

    private static object Field(object owner, string name) =>
        owner.GetType().GetField(name, BindingFlags.Instance | BindingFlags.NonPublic)!.GetValue(owner)!;
}
