using MmuNotifier.Hmm;
using MmuNotifier.Processes;
using MmuNotifier.Tool.Recording;
using MmuNotifier.Tool.Sampling;

namespace MmuNotifier.Tool.Reports;

/// <summary>Where each mapping was, and from when to when: for pictures.</summary>
internal sealed class MappingSegments
{
    /// <summary>With more, a mapping that grows is drawn as large as it was at last.</summary>
    private const int MostSegments = 200_000;

    private readonly Dictionary<int, int> _open = [];
    private readonly List<Segment> _segments = [];
    private bool _isFirst = true;

    internal IReadOnlyList<Segment> All => _segments;

    internal void Add(RecordedLook look)
    {
        foreach (int id in look.Gone)
        {
            if (_open.Remove(id, out int index))
                _segments[index] = _segments[index] with { To = look.At };
        }

        foreach ((int id, LiveMapping mapping) in look.Changed)
        {
            // What permits nothing is room that is kept free: it would take the place of all else.
            if (mapping.Protection == Protection.None)
                continue;
            bool isOpen = _open.TryGetValue(id, out int index);
            if (isOpen && _segments.Count >= MostSegments)
            {
                _segments[index] = _segments[index] with { Range = mapping.Range };
                continue;
            }

            if (isOpen)
                _segments[index] = _segments[index] with { To = look.At };
            _open[id] = _segments.Count;
            _segments.Add(new Segment(id, mapping.Range, _isFirst ? TimeSpan.Zero : look.At, TimeSpan.MaxValue));
        }

        _isFirst = false;
    }

    /// <summary>What is open ends with the last look.</summary>
    internal void End(TimeSpan at)
    {
        foreach (int index in _open.Values)
            _segments[index] = _segments[index] with { To = at };
    }

    /// <summary>The addresses of all of them, joined where they overlap or touch.</summary>
    internal List<AddressRange> Bands() => RangeList.Join(_segments.Select(segment => segment.Range));

    internal readonly record struct Segment(int Id, AddressRange Range, TimeSpan From, TimeSpan To);
}
