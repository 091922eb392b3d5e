using MmuNotifier.Tool.Sampling;

namespace MmuNotifier.Tool.Reports;

/// <summary>
/// Memory of one name and size that is unmapped and mapped again, again and again. What comes and goes between two looks is not counted, so
/// the counts are at least so many.
/// </summary>
internal sealed class Churn(string name, long pages)
{
    private const int MostPlaces = 1 << 10;
    private readonly HashSet<ulong> _places = [];
    private double _livedSeconds;

    internal string Name => name;

    internal long Pages => pages;

    /// <summary>How often memory of this size was mapped, anywhere.</summary>
    internal long Mapped { get; set; }

    /// <summary>How often some of it was mapped again where it had been, in pieces of any size.</summary>
    internal long Returned { get; private set; }

    internal long Unmapped { get; private set; }

    /// <summary>At how many addresses; at most 1,024 are counted.</summary>
    internal int Places => _places.Count;

    /// <summary>How often it was unmapped and mapped again, at its place or with its size elsewhere.</summary>
    internal long Times => Math.Max(Returned, Math.Min(Mapped, Unmapped));

    /// <summary>How long it was still there after the look that has found it, on average.</summary>
    internal TimeSpan Lived => Unmapped == 0 ? TimeSpan.Zero : TimeSpan.FromSeconds(_livedSeconds / Unmapped);

    internal void AddReturned() => Returned++;

    internal void AddUnmapped(in MemoryEvent memoryEvent, TimeSpan lastLook)
    {
        Unmapped++;
        _livedSeconds += Math.Max(0, (memoryEvent.At - lastLook).TotalSeconds);
        if (_places.Count < MostPlaces)
            _places.Add(memoryEvent.Range.Start);
    }
}
