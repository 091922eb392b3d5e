namespace MmuNotifier.Processes;

/// <summary>
/// A thread of the other process that makes calls for this one which only its own process can make; it waits in a request to this process.
/// </summary>
public interface IProgramCalls
{
    /// <summary>Makes it call madvise. Waits for the answer.</summary>
    /// <param name="range">Whole pages, bounds inclusive.</param>
    /// <param name="advice">The number of the advice (<c>MADV_DONTNEED</c> is 4).</param>
    /// <returns>The call's error, or none; <see cref="Errno.NoProcess"/> if the process has gone.</returns>
    Errno Advise(AddressRange range, int advice);
}
