using System.Runtime.InteropServices;

namespace MmuNotifier.Linux.OwnWatching;

/// <summary>How far the event reader is: Header of MmuNotifier.FaultHandler, which writes it.</summary>
[StructLayout(LayoutKind.Explicit, Size = 64)]
internal struct EventHeader
{
    internal const uint Running = 0x4E55_4D4D;
    internal const uint Failed = 1;

    /// <summary>0 in a forked child, whose copy of the page is wiped.</summary>
    [FieldOffset(0)]
    internal uint State;

    /// <summary>The error that ended the reader.</summary>
    [FieldOffset(4)]
    internal int Error;

    /// <summary>Moves before an event is read, and so before the call that made it returns.</summary>
    [FieldOffset(8)]
    internal ulong Announced;

    /// <summary>What was read under announcements up to this one can be fetched.</summary>
    [FieldOffset(16)]
    internal ulong Published;

    [FieldOffset(24)]
    internal int ThreadId;

    /// <summary>Not 0 while the reader has signalled and nobody has begun to look since: it does not signal then.</summary>
    [FieldOffset(28)]
    internal int Signalled;
}
