using MmuNotifier.Processes;

namespace MmuNotifier.Tool.Sampling;

/// <summary>
/// Finds what was mapped, unmapped and protected between two looks, of which the kernel reports only what was unmapped, and that a little
/// later. An object for each process: it remembers what has gone, until its event has come or cannot come any more.
/// </summary>
internal sealed class MappingsDifference
{
    private IReadOnlyList<LiveMapping> _before = [];

    /// <summary>What had gone at the look before, with no event; it is reported if none has come by the next look.</summary>
    private List<MemoryEvent> _unexplained = [];

    /// <summary>Begins with mappings that are reported as no event.</summary>
    internal void Begin(IReadOnlyList<LiveMapping> mappings) => (_before, _unexplained) = (mappings, []);

    /// <summary>Adds what the look shows to what the kernel has reported before that look.</summary>
    /// <param name="after">The mappings of the look.</param>
    /// <param name="events">What the kernel has reported since the look before; gets the rest.</param>
    /// <param name="at">When the look was.</param>
    internal void Add(IReadOnlyList<LiveMapping> after, List<MemoryEvent> events, TimeSpan at)
    {
        // What came before an exec was about other memory.
        List<MemoryEvent> own = events[(events.FindLastIndex(each => each.Kind == MemoryEventKind.Executed) + 1)..];
        List<AddressRange> gone = RangeList.Join(
            own.Where(each => each.Kind is MemoryEventKind.Unmapped or MemoryEventKind.Moved).Select(each => each.Range));
        List<AddressRange> movedTo = RangeList.Join(
            own.Where(each => each.Kind is MemoryEventKind.Moved).Select(each => each.NewRange));
        foreach (MemoryEvent late in _unexplained)
        {
            foreach (AddressRange part in RangeList.Subtract(late.Range, gone))
                events.Add(late with { Range = part });
        }

        _unexplained = [];
        Compare(Without(_before, gone), after, movedTo, events, at);
        _before = after;
    }

    private void Compare(
        List<LiveMapping> before, IReadOnlyList<LiveMapping> after, List<AddressRange> movedTo, List<MemoryEvent> events, TimeSpan at)
    {
        int b = 0, a = 0;
        ulong position = 0;
        while (b < before.Count || a < after.Count)
        {
            ulong startBefore = b < before.Count ? Math.Max(before[b].Range.Start, position) : ulong.MaxValue;
            ulong startAfter = a < after.Count ? Math.Max(after[a].Range.Start, position) : ulong.MaxValue;
            ulong start = Math.Min(startBefore, startAfter);
            bool isBefore = startBefore == start, isAfter = startAfter == start;
            ulong last = Math.Min(
                isBefore ? before[b].Range.Last : startBefore - 1, isAfter ? after[a].Range.Last : startAfter - 1);
            var part = new AddressRange(start, last);
            bool isSame = isBefore && isAfter && IsSameMemory(before[b], after[a]);
            if (isBefore && !isSame)
                _unexplained.Add(new MemoryEvent(at, MemoryEventKind.Unmapped, part));
            if (isAfter && !isSame)
                AddMapped(part, after[a], movedTo, events, at);
            else if (isSame && before[b].Protection != after[a].Protection)
                AddOrExtend(events, new MemoryEvent(at, MemoryEventKind.Protected, part, 0, after[a].Protection));
            if (isBefore && before[b].Range.Last == last)
                b++;
            if (isAfter && after[a].Range.Last == last)
                a++;
            position = last + 1;
        }
    }

    private static void AddMapped(
        AddressRange range, in LiveMapping mapping, List<AddressRange> movedTo, List<MemoryEvent> events, TimeSpan at)
    {
        foreach (AddressRange part in RangeList.Subtract(range, movedTo))
            AddOrExtend(events, new MemoryEvent(at, MemoryEventKind.Mapped, part, 0, mapping.Protection));
    }

    private static void AddOrExtend(List<MemoryEvent> events, in MemoryEvent next)
    {
        if (events.Count > 0 && events[^1] is var last && last.Kind == next.Kind && last.At == next.At
            && last.Protection == next.Protection && last.Range.Last + 1 == next.Range.Start)
            events[^1] = last with { Range = last.Range.Hull(next.Range) };
        else
            events.Add(next);
    }

    /// <summary>Names do not count: that of a file changes when it is deleted, that of anonymous memory at the program's will.</summary>
    private static bool IsSameMemory(in LiveMapping left, in LiveMapping right) =>
        left.IsShared == right.IsShared
        && left.IsFileBacked == right.IsFileBacked
        && (!left.IsFileBacked || left.FileOffset - left.Range.Start == right.FileOffset - right.Range.Start);

    private static List<LiveMapping> Without(IReadOnlyList<LiveMapping> mappings, List<AddressRange> gone)
    {
        List<LiveMapping> rest = [];
        foreach (LiveMapping mapping in mappings)
        {
            foreach (AddressRange part in RangeList.Subtract(mapping.Range, gone))
            {
                ulong skipped = part.Start - mapping.Range.Start;
                rest.Add(mapping with { Range = part, FileOffset = mapping.IsFileBacked ? mapping.FileOffset + skipped : 0 });
            }
        }

        return rest;
    }
}
