namespace MmuNotifier.Processes.Mirroring;

/// <summary>Memory of the target that is not mirrored, or not by events and scans.</summary>
/// <param name="Range">Where.</param>
/// <param name="Name">What it is called in /proc/pid/maps.</param>
/// <param name="Reason">Why.</param>
/// <param name="Pages">How many pages of it exist, as far as the page table shows.</param>
internal readonly record struct MemoryNote(AddressRange Range, string Name, string Reason, long Pages)
{
    internal static MemoryNote Of(in WatchedMapping mapping, long pages) =>
        new(mapping.Range, mapping.Mapping.Name, mapping.Reason, pages);
}
