namespace MmuNotifier.Processes;

/// <summary>
/// How many bytes were read, and the error that stopped the first one if none was. Fewer bytes than wanted with no error: the page
/// that follows cannot be read.
/// </summary>
internal readonly record struct MemoryReadResult(long Bytes, Errno Error)
{
    /// <summary>Nothing is mapped there, or it does not permit reading.</summary>
    internal bool Unreadable => Error == Errno.BadAddress;

    internal bool ProcessGone => Error == Errno.NoProcess;

    internal bool Denied => Error == Errno.NotPermitted;
}
