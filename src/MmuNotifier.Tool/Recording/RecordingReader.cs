using System.Buffers.Binary;
using System.Globalization;
using MmuNotifier.Hmm;
using MmuNotifier.Processes;
using MmuNotifier.Tool.Sampling;

namespace MmuNotifier.Tool.Recording;

/// <summary>
/// Reads a recording, look by look. Whatever the bytes are, it neither throws (but for a file that is no recording) nor takes more memory
/// than a few times what a look has; the first record that is damaged or incomplete ends it.
/// </summary>
internal sealed class RecordingReader
{
    /// <summary>The most ranges, events and mappings that a look may have.</summary>
    internal const int MaxPerLook = 1 << 21;

    private readonly Stream _stream;
    private readonly List<string> _names = [];
    private readonly byte[] _frame = new byte[5];
    private byte[] _payload = new byte[1 << 12];
    private TimeSpan _at;
    private bool _isOver;

    /// <exception cref="RecordingException">It is no recording, or one of another version.</exception>
    internal RecordingReader(Stream stream)
    {
        _stream = stream;
        var header = new byte[RecordingFormat.HeaderBytes];
        if (stream.ReadAtLeast(header, header.Length, throwOnEndOfStream: false) < header.Length
            || !header.AsSpan(0, RecordingFormat.Magic.Length).SequenceEqual(RecordingFormat.Magic))
            throw new RecordingException("it is no recording of mmun record");
        int version = BinaryPrimitives.ReadUInt16LittleEndian(header.AsSpan(RecordingFormat.Magic.Length));
        if (version != RecordingFormat.Version)
        {
            throw new RecordingException(string.Create(
                CultureInfo.InvariantCulture, $"its format has version {version}, and this mmun reads version {RecordingFormat.Version}"));
        }

        BytesRead = header.Length;
        if (!TryReadRecord(out RecordType type, out ReadOnlySpan<byte> payload) || type != RecordType.Begin)
            throw new RecordingException("it ends before its first look");
        var reader = new RecordReader(payload);
        int processId = (int)reader.Number(int.MaxValue);
        TimeSpan began = reader.Time();
        TimeSpan interval = reader.Time();
        Process = new RecordedProcess(
            processId, reader.Text(), DateTimeOffset.UnixEpoch, interval, reader.Text());
        if (!reader.IsSoundToTheEnd || began > DateTimeOffset.MaxValue - DateTimeOffset.UnixEpoch)
            throw new RecordingException("its first record is damaged");
        Process = Process with { Began = DateTimeOffset.UnixEpoch + began };
    }

    internal RecordedProcess Process { get; }

    /// <summary>Why it has ended; set when <see cref="Next"/> has answered null.</summary>
    internal RecordingEnd End { get; private set; }

    internal string EndWords { get; private set; } = "";

    /// <summary>What is wrong with the rest of the file, in words; null if nothing is.</summary>
    internal string? Problem { get; private set; }

    /// <summary>How many bytes were understood.</summary>
    internal long BytesRead { get; private set; }

    /// <summary>The next look; null if there is none.</summary>
    internal RecordedLook? Next()
    {
        var look = new RecordedLook();
        while (!_isOver)
        {
            if (!TryReadRecord(out RecordType type, out ReadOnlySpan<byte> payload))
                return null;
            var reader = new RecordReader(payload);
            bool isSound = Read(type, ref reader, look) && reader.IsSoundToTheEnd;
            int sum = look.Gone.Count + look.Changed.Count + look.Written.Count + look.Events.Count + look.Resident.Count;
            if (!isSound || sum > 4 * MaxPerLook)
            {
                Stop("is damaged");
                return null;
            }

            if (type == RecordType.Look)
                return look;
        }

        return null;
    }

    private bool Read(RecordType type, ref RecordReader reader, RecordedLook look)
    {
        switch (type)
        {
            case RecordType.Name:
                _names.Add(reader.Text());
                return true;
            case RecordType.Mappings:
                return ReadMappings(ref reader, look);
            case RecordType.Written:
                return ReadWritten(ref reader, look);
            case RecordType.Events:
                return ReadEvents(ref reader, look);
            case RecordType.Lost:
                look.EventsLost += (long)reader.Number(long.MaxValue / 2);
                return look.EventsLost >= 0;
            case RecordType.Command:
                look.Command = reader.Text();
                return true;
            case RecordType.Look:
                return ReadLook(ref reader, look);
            case RecordType.End:
                _ = reader.Time();
                End = (RecordingEnd)reader.Number((ulong)RecordingEnd.SizeReached);
                EndWords = reader.Text();
                _isOver = true;
                return End != RecordingEnd.None;
            default:
                return false;
        }
    }

    private bool ReadMappings(ref RecordReader reader, RecordedLook look)
    {
        int gone = reader.Count();
        for (int i = 0; i < gone && reader.IsSound; i++)
            look.Gone.Add((int)reader.Number(int.MaxValue));
        int changed = reader.Count();
        for (int i = 0; i < changed && reader.IsSound; i++)
        {
            int id = (int)reader.Number(int.MaxValue);
            AddressRange range = reader.Pages();
            var bits = (MappingBits)reader.Number((ulong)MappingBits.All);
            string? name = NameOf(ref reader);
            ulong offset = bits.HasFlag(MappingBits.File) ? reader.Number(RecordingFormat.MaxPage) << MemorySample.PageShift : 0;
            string? notSeen = bits.HasFlag(MappingBits.NotSeen) ? NameOf(ref reader) : null;
            if (!reader.IsSound || name is null || (bits.HasFlag(MappingBits.NotSeen) && notSeen is null))
                return false;
            look.Changed.Add((id, new LiveMapping
            {
                Range = range,
                Protection = (Protection)(bits & MappingBits.Protection),
                IsShared = bits.HasFlag(MappingBits.Shared),
                IsFileBacked = bits.HasFlag(MappingBits.File),
                FileOffset = offset,
                Name = name,
                NotSeen = notSeen,
            }));
        }

        return true;
    }

    private string? NameOf(ref RecordReader reader)
    {
        ulong number = reader.Number();
        return number < (ulong)_names.Count ? _names[(int)number] : null;
    }

    private static bool ReadWritten(ref RecordReader reader, RecordedLook look)
    {
        int count = reader.Count();
        ulong next = 0;
        for (int i = 0; i < count && reader.IsSound; i++)
        {
            AddressRange range = reader.Pages(next);
            if (!reader.IsSound || (look.Written.Count > 0 && range.Start <= look.Written[^1].Last))
                return false;
            look.Written.Add(range);
            next = (range.Last >> MemorySample.PageShift) + 1;
        }

        return true;
    }

    private static bool ReadEvents(ref RecordReader reader, RecordedLook look)
    {
        int count = reader.Count();
        for (int i = 0; i < count && reader.IsSound; i++)
        {
            TimeSpan at = reader.Time();
            var kind = (MemoryEventKind)reader.Number((ulong)MemoryEventKind.Executed);
            if (kind is MemoryEventKind.Forked or MemoryEventKind.Executed)
            {
                look.Events.Add(new MemoryEvent(at, kind, AddressRange.Whole));
                continue;
            }

            AddressRange range = reader.Pages();
            ulong destination = 0;
            Protection protection = Protection.None;
            if (kind == MemoryEventKind.Moved)
                destination = reader.Number(RecordingFormat.MaxPage) << MemorySample.PageShift;
            else if (kind is MemoryEventKind.Mapped or MemoryEventKind.Protected)
                protection = (Protection)reader.Number((ulong)MappingBits.Protection);
            bool fits = destination <= (RecordingFormat.MaxPage << MemorySample.PageShift) - (range.Last - range.Start);
            if (!reader.IsSound || kind == 0 || !fits)
                return false;
            look.Events.Add(new MemoryEvent(at, kind, range, destination, protection));
        }

        return true;
    }

    private bool ReadLook(ref RecordReader reader, RecordedLook look)
    {
        look.Period = reader.Time();
        if (_at > TimeSpan.MaxValue - look.Period)
            return false;
        _at += look.Period;
        look.At = _at;
        look.Cost = reader.Time();
        look.Duration = reader.Time();
        int count = reader.Count();
        for (int i = 0; i < count && reader.IsSound; i++)
            look.Resident.Add(((int)reader.Number(int.MaxValue), (long)reader.Number(RecordingFormat.MaxPage)));
        return reader.IsSound;
    }

    /// <returns>False if there is no whole record.</returns>
    private bool TryReadRecord(out RecordType type, out ReadOnlySpan<byte> payload)
    {
        type = default;
        payload = default;
        int head = _stream.ReadAtLeast(_frame, _frame.Length, throwOnEndOfStream: false);
        if (head < _frame.Length)
            return head == 0 ? Finish() : Stop("is incomplete");
        uint length = BinaryPrimitives.ReadUInt32LittleEndian(_frame);
        if (length > RecordingFormat.MaxPayloadBytes)
            return Stop("is damaged");
        int wanted = (int)length + sizeof(uint);
        if (_payload.Length < wanted)
            _payload = new byte[Math.Max(wanted, Math.Min(_payload.Length * 2, RecordingFormat.MaxPayloadBytes + sizeof(uint)))];
        if (_stream.ReadAtLeast(_payload.AsSpan(0, wanted), wanted, throwOnEndOfStream: false) < wanted)
            return Stop("is incomplete");
        type = (RecordType)_frame[4];
        payload = _payload.AsSpan(0, (int)length);
        if (RecordingFormat.CheckSum(type, payload) != BinaryPrimitives.ReadUInt32LittleEndian(_payload.AsSpan((int)length)))
            return Stop("is damaged");
        BytesRead += wanted + _frame.Length;
        return true;
    }

    private bool Finish()
    {
        _isOver = true;
        return false;
    }

    private bool Stop(string what)
    {
        _isOver = true;
        Problem = string.Create(CultureInfo.InvariantCulture, $"the record at byte {BytesRead} {what}, and nothing after it was read");
        return false;
    }
}
