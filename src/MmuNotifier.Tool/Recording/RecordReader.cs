using System.Text;
using MmuNotifier.Tool.Sampling;

namespace MmuNotifier.Tool.Recording;

/// <summary>
/// Reads the values of one record, which may be anything: each method answers false, or is not asked any more, when a value cannot be.
/// </summary>
internal ref struct RecordReader(ReadOnlySpan<byte> payload)
{
    private const int MostNumberBits = 64;

    private ReadOnlySpan<byte> _left = payload;

    /// <summary>Whether every value until now was one that can be.</summary>
    internal bool IsSound { get; private set; } = true;

    /// <summary>Whether that holds and nothing is left.</summary>
    internal readonly bool IsSoundToTheEnd => IsSound && _left.IsEmpty;

    internal ulong Number(ulong most = ulong.MaxValue)
    {
        ulong value = 0;
        for (int shift = 0; shift < MostNumberBits && !_left.IsEmpty; shift += 7)
        {
            byte next = _left[0];
            _left = _left[1..];
            ulong bits = next & 0x7FUL;
            if ((bits << shift) >> shift != bits)
                break;
            value |= bits << shift;
            if (next < 0x80)
                return value <= most ? value : Unsound();
        }

        return Unsound();
    }

    /// <summary>How many elements follow; each takes at least a byte.</summary>
    internal int Count() => (int)Number((ulong)Math.Min(_left.Length, RecordingFormat.MaxPayloadBytes));

    internal TimeSpan Time() => TimeSpan.FromMicroseconds((long)Number((ulong)TimeSpan.MaxValue.Ticks / 100));

    internal string Text()
    {
        int length = Count();
        if (!IsSound || length > _left.Length)
        {
            _ = Unsound();
            return "";
        }

        string text = Encoding.UTF8.GetString(_left[..length]);
        _left = _left[length..];
        return text;
    }

    /// <summary>A first page and how many pages there are.</summary>
    /// <param name="before">What is added to the first page.</param>
    internal AddressRange Pages(ulong before = 0)
    {
        ulong first = Number(RecordingFormat.MaxPage), count = Number(RecordingFormat.MaxPage);
        if (!IsSound || count == 0 || first > RecordingFormat.MaxPage - before || count - 1 > RecordingFormat.MaxPage - before - first)
        {
            _ = Unsound();
            return default;
        }

        ulong start = (before + first) << MemorySample.PageShift;
        return new AddressRange(start, start + (count << MemorySample.PageShift) - 1);
    }

    private ulong Unsound()
    {
        IsSound = false;
        _left = [];
        return 0;
    }
}
