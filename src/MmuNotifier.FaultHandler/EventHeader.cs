using System.Runtime.InteropServices;

namespace MmuNotifier.FaultHandler;

/// <summary>
/// How far a handler is, for others to read without a call. It may lie in a page that a forked child finds filled with zeros.
/// </summary>
/// <remarks>
/// <see cref="Announced"/> moves before a message is read, and reading is what lets the caller of munmap proceed: a thread that sees
/// a change's call return sees that the counter has moved. Once <see cref="Published"/> has reached a value of it, every message read under
/// that value can be fetched.
/// </remarks>
[StructLayout(LayoutKind.Explicit, Size = 64)]
internal struct EventHeader
{
    internal const uint Running = 0x4E55_4D4D;
    internal const uint Failed = 1;

    [FieldOffset(0)]
    internal uint State;

    /// <summary>The error that ended the thread.</summary>
    [FieldOffset(4)]
    internal int Error;

    [FieldOffset(8)]
    internal ulong Announced;

    [FieldOffset(16)]
    internal ulong Published;

    [FieldOffset(24)]
    internal int ThreadId;

    /// <summary>
    /// Not 0 while the signal descriptor was signalled and the follower has not begun to look: then it need not be signalled again. The
    /// thread sets it after it has published; the follower clears it before it looks at what is published; both with a full fence.
    /// </summary>
    [FieldOffset(28)]
    internal int Signalled;
}
