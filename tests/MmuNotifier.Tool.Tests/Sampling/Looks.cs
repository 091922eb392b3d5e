using MmuNotifier.Hmm;
using MmuNotifier.Processes;
using MmuNotifier.Tool.Sampling;

namespace MmuNotifier.Tool.Tests.Sampling;

/// <summary>Makes mappings and looks for tests, with addresses in pages.</summary>
internal static class Looks
{
    internal const Protection ReadWrite = Protection.Read | Protection.Write;

    internal static AddressRange Pages(ulong first, ulong count) => AddressRange.FromLength(first << 12, count << 12);

    internal static LiveMapping Mapping(ulong first, ulong count, string name = "", Protection protection = ReadWrite) =>
        new() { Range = Pages(first, count), Protection = protection, Name = name };

    internal static MemoryEvent Event(MemoryEventKind kind, ulong first, ulong count, double seconds = 0, ulong destination = 0) => new(
        TimeSpan.FromSeconds(seconds),
        kind,
        kind is MemoryEventKind.Forked or MemoryEventKind.Executed ? AddressRange.Whole : Pages(first, count),
        destination << 12,
        kind is MemoryEventKind.Mapped or MemoryEventKind.Protected ? ReadWrite : Protection.None);

    internal static MemorySample Sample(
        double seconds,
        LiveMapping[] mappings,
        AddressRange[]? resident = null,
        AddressRange[]? written = null,
        MemoryEvent[]? events = null,
        int[]? ids = null,
        double period = 1) => new()
        {
            At = TimeSpan.FromSeconds(seconds),
            Period = TimeSpan.FromSeconds(period),
            Mappings = mappings,
            Ids = ids ?? [.. Enumerable.Range(1, mappings.Length)],
            Resident = resident ?? [],
            Written = written ?? [],
            Events = events ?? [],
            Cost = TimeSpan.FromMilliseconds(2),
            Duration = TimeSpan.FromMilliseconds(3),
        };
}
