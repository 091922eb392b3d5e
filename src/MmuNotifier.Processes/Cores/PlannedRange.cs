namespace MmuNotifier.Processes;

/// <summary>Pages that are to be copied next, in one mapping.</summary>
/// <param name="Range">Whole pages.</param>
/// <param name="Source">Where they are read.</param>
/// <param name="Mapping">The index of the mapping in the watch's list.</param>
internal readonly record struct PlannedRange(AddressRange Range, PageSource Source, int Mapping);
