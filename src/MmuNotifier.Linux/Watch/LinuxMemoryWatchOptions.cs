using System.Diagnostics.Metrics;

namespace MmuNotifier.Linux;

/// <summary>
/// How a <see cref="LinuxMemoryWatch"/> looks for changes. Read when the watch is made: a later change has no effect on it.
/// </summary>
public sealed record LinuxMemoryWatchOptions
{
    /// <summary>
    /// Assume that no thread uses mremap to put memory at an address whose munmap by another thread has not returned: neither by moving a
    /// mapping there, nor by growing one in place (as realloc does). Then <see cref="LinuxMemoryWatch.Stamp"/> is a few loads. Without the
    /// assumption each look is also a system call, because mremap leaves no trace before the munmap's event. Where the assumption is false,
    /// a look in that moment misses the munmap. Has no effect while <see cref="LinuxMemoryWatch.HasRecords"/> is false. Default: false.
    /// </summary>
    public bool AssumeNoForeignRemap { get; set; }

    /// <summary>
    /// Whether perf events record new mappings and mprotect. They take one descriptor for each thread and processor, and memory that counts
    /// against RLIMIT_MEMLOCK. Without them mprotect is not seen, nor a mapping that replaces watched memory without an event. Default:
    /// true.
    /// </summary>
    public bool UsePerfEvents { get; set; } = true;

    /// <summary>Makes the watch's meter; null: the watch makes one of its own. Default: null.</summary>
    public IMeterFactory? MeterFactory { get; set; }
}
