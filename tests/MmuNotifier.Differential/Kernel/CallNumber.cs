namespace MmuNotifier.Differential;

/// <summary>Numbers of the system calls on x86-64.</summary>
internal static class CallNumber
{
    internal const int Close = 3;
    internal const int Map = 9;
    internal const int Protect = 10;
    internal const int Unmap = 11;
    internal const int Ioctl = 16;
    internal const int ReadAt = 17;
    internal const int WriteAt = 18;
    internal const int Remap = 25;
    internal const int Advise = 28;
    internal const int Truncate = 77;
    internal const int OpenAt = 257;
    internal const int Allocate = 285;
    internal const int CreateMemoryFile = 319;
}
