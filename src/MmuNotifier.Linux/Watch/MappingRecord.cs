namespace MmuNotifier.Linux;

/// <summary>A mapping that was made, or that mprotect has changed: the whole mapping as it is after that.</summary>
internal readonly record struct MappingRecord(AddressRange Range, MappingProtection Protection);
