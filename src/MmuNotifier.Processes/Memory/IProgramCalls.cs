namespace MmuNotifier.Processes;

/// <summary>
/// A thread of the other process that makes calls for us which only its own process can make; it waits in a request of ours.
/// </summary>
internal interface IProgramCalls
{
    /// <summary>Makes it call madvise on the whole pages of the range. Waits for the answer; NoProcess: the process has gone.</summary>
    Errno Advise(AddressRange range, int advice);
}
