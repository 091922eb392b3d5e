using System.Runtime.InteropServices;

namespace MmuNotifier.FaultHandler;

/// <summary>struct pollfd.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct PollEntry
{
    internal const short Readable = 1;

    internal int Descriptor;
    internal short Wanted;
    internal short Found;
}
