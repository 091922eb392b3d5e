using MmuNotifier.Linux;

namespace MmuNotifier.Processes;

/// <summary>A mapping of the target, and how its changes are noticed.</summary>
/// <param name="Mapping">The mapping as the kernel shows it; neighbours that only registration had split are one.</param>
/// <param name="Coverage">How changes are noticed.</param>
/// <param name="Reason">For all but <see cref="Coverage.Armed"/>: why, in words for the report.</param>
/// <param name="IsMappedTwice">Whether the same shared memory is mapped elsewhere in the watched processes.</param>
/// <param name="Registration">What the kernel has answered to its registration.</param>
internal readonly record struct WatchedMapping(
    ProcessMapping Mapping, Coverage Coverage, string Reason, bool IsMappedTwice, UserfaultfdStatus Registration)
{
    internal AddressRange Range => new(Mapping.Start, Mapping.Last);
}
