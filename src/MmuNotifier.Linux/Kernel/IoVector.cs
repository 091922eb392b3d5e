using System.Runtime.InteropServices;

namespace MmuNotifier.Linux;

/// <summary>struct iovec: an address, in this process or in another, and a length in bytes.</summary>
[StructLayout(LayoutKind.Sequential, Size = 16)]
internal readonly record struct IoVector(ulong Address, ulong LengthBytes);
