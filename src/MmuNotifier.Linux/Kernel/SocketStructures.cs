using System.Runtime.InteropServices;

namespace MmuNotifier.Linux;

/// <summary>struct iovec of this process's own memory.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct SocketVector
{
    internal void* Base;
    internal nuint Length;
}

/// <summary>struct msghdr.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct SocketMessage
{
    internal void* Name;
    internal uint NameLength;
    internal SocketVector* Parts;
    internal nuint PartCount;
    internal byte* Control;
    internal nuint ControlLength;
    internal int Flags;
}

/// <summary>struct cmsghdr.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct SocketControl
{
    internal nuint Length;
    internal int Level;
    internal int Type;
}
