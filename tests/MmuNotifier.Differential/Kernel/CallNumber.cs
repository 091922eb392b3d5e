namespace MmuNotifier.Differential;

/// <summary>Numbers of the system calls on x86-64.</summary>
internal static class CallNumber
{
    internal const int Read = 0;
    internal const int Write = 1;
    internal const int Close = 3;
    internal const int Poll = 7;
    internal const int Map = 9;
    internal const int Protect = 10;
    internal const int Unmap = 11;
    internal const int Ioctl = 16;
    internal const int ReadAt = 17;
    internal const int WriteAt = 18;
    internal const int Remap = 25;
    internal const int Advise = 28;
    internal const int Wait = 61;
    internal const int Kill = 62;
    internal const int Truncate = 77;
    internal const int ProcessControl = 157;
    internal const int ExitGroup = 231;
    internal const int OpenAt = 257;
    internal const int Allocate = 285;
    internal const int Pipe = 293;
    internal const int CreateMemoryFile = 319;
}
