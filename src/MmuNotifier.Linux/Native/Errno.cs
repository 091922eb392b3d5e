namespace MmuNotifier.Linux.Native;

/// <summary>The error numbers that this library tells apart; any other value is passed through as a number.</summary>
internal enum Errno
{
    None = 0,
    NotPermitted = 1,
    NoEntry = 2,
    NoProcess = 3,
    Interrupted = 4,
    InputOutput = 5,
    BadDescriptor = 9,
    Again = 11,
    NoMemory = 12,
    AccessDenied = 13,
    BadAddress = 14,
    Busy = 16,
    Exists = 17,
    InvalidArgument = 22,
    NotTypewriter = 25,
    NoSpace = 28,
    NotImplemented = 38,
}
