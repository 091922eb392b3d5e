namespace MmuNotifier.Linux;

/// <summary>A change that is to be reported, in the order of their numbers.</summary>
internal readonly record struct ChangeReport(long Number, AddressRange Range, InvalidationEvent Event);
