using System.Runtime.InteropServices;

namespace MmuNotifier.Linux;

/// <summary>struct pollfd. The caller keeps the handle behind the number open for the time of the call.</summary>
[StructLayout(LayoutKind.Sequential, Size = 8)]
internal struct PollEntry
{
    internal int Descriptor;
    internal PollEvents Wanted;
    internal PollEvents Returned;
}

/// <summary>The events of poll(2).</summary>
[Flags]
internal enum PollEvents : short
{
    None = 0,
    In = 1,
    Out = 4,
    Error = 8,
    HangUp = 16,
    Invalid = 32,
}
