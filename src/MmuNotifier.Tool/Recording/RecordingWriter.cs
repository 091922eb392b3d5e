using System.Buffers.Binary;
using MmuNotifier.Processes;
using MmuNotifier.Tool.Sampling;

namespace MmuNotifier.Tool.Recording;

/// <summary>
/// Writes looks at a process to a stream, each with one write: whatever was written can be read, also if this process is killed. Never
/// writes more than a bound.
/// </summary>
internal sealed class RecordingWriter
{
    /// <summary>Kept free for the end.</summary>
    private const int EndBytes = 512;

    private readonly Stream _stream;
    private readonly long _maxBytes;
    private readonly RecordWriter _writer = new();
    private readonly Dictionary<string, int> _names = new(StringComparer.Ordinal);
    private readonly Dictionary<int, (LiveMapping Mapping, long Resident)> _known = [];
    private TimeSpan _before;
    private string _command;

    /// <param name="stream">Gets it; stays open.</param>
    /// <param name="maxBytes">The most bytes to write.</param>
    /// <param name="process">What is recorded.</param>
    /// <exception cref="IOException">The stream could not be written.</exception>
    internal RecordingWriter(Stream stream, long maxBytes, RecordedProcess process)
    {
        (_stream, _maxBytes, _command) = (stream, maxBytes, process.Command);
        Span<byte> header = stackalloc byte[RecordingFormat.HeaderBytes];
        header.Clear();
        RecordingFormat.Magic.CopyTo(header);
        BinaryPrimitives.WriteUInt16LittleEndian(header[8..], RecordingFormat.Version);
        stream.Write(header);
        Bytes = header.Length;
        _writer.Number((ulong)process.ProcessId);
        _writer.Number((ulong)(process.Began.ToUnixTimeMilliseconds() * 1000));
        _writer.Number(Microseconds(process.Interval));
        _writer.Text(process.Command);
        _writer.Text(process.ToolVersion);
        _writer.End(RecordType.Begin);
        Flush();
    }

    /// <summary>How many bytes were written.</summary>
    internal long Bytes { get; private set; }

    internal int Looks { get; private set; }

    internal long Events { get; private set; }

    internal long EventsLost { get; private set; }

    /// <summary>Writes a look.</summary>
    /// <param name="sample">The look.</param>
    /// <param name="command">The program that runs in the process now.</param>
    /// <returns>False if it had no room: then nothing of it was written.</returns>
    /// <exception cref="IOException">The stream could not be written.</exception>
    internal bool TryWrite(MemorySample sample, string command)
    {
        if (command != _command)
        {
            _writer.Text(command);
            _writer.End(RecordType.Command);
        }

        AddMappings(sample);
        AddEvents(sample.Events);
        if (sample.EventsLost > 0)
        {
            _writer.Number((ulong)sample.EventsLost);
            _writer.End(RecordType.Lost);
        }

        AddWritten(sample.Written);
        AddLook(sample);
        if (Bytes + _writer.Records.Length + EndBytes > _maxBytes)
        {
            _writer.Clear();
            return false;
        }

        Flush();
        (_command, _before) = (command, sample.At);
        Looks++;
        Events += sample.Events.Count;
        EventsLost += sample.EventsLost;
        return true;
    }

    /// <summary>Writes why nothing follows.</summary>
    /// <exception cref="IOException">The stream could not be written.</exception>
    internal void End(TimeSpan at, RecordingEnd why, string words)
    {
        const int mostCharacters = 100; // At most three bytes each.
        _writer.Number(Microseconds(at));
        _writer.Number((ulong)why);
        _writer.Text(words.Length > mostCharacters ? words[..mostCharacters] : words);
        _writer.End(RecordType.End);
        Flush();
    }

    private void AddMappings(MemorySample sample)
    {
        HashSet<int> gone = [.. _known.Keys];
        List<(int Id, LiveMapping Mapping)> changed = [];
        for (int i = 0; i < sample.Mappings.Count; i++)
        {
            int id = sample.Ids[i];
            gone.Remove(id);
            if (!_known.TryGetValue(id, out (LiveMapping Mapping, long Resident) known) || known.Mapping != sample.Mappings[i])
                changed.Add((id, sample.Mappings[i]));
        }

        foreach (int[] chunk in gone.Order().Chunk(RecordingFormat.MaxElements))
        {
            _writer.Number((ulong)chunk.Length);
            foreach (int id in chunk)
            {
                _writer.Number((ulong)id);
                _known.Remove(id);
            }

            _writer.Number(0);
            _writer.End(RecordType.Mappings);
        }

        foreach ((int Id, LiveMapping Mapping)[] chunk in changed.Chunk(RecordingFormat.MaxElements))
        {
            foreach ((_, LiveMapping mapping) in chunk)
            {
                _ = NameOf(mapping.Name);
                if (mapping.NotSeen is { } reason)
                    _ = NameOf(reason);
            }

            _writer.Number(0);
            _writer.Number((ulong)chunk.Length);
            foreach ((int id, LiveMapping mapping) in chunk)
            {
                AddMapping(id, in mapping);
                _known[id] = (mapping, _known.TryGetValue(id, out (LiveMapping Mapping, long Resident) known) ? known.Resident : 0);
            }

            _writer.End(RecordType.Mappings);
        }
    }

    private void AddMapping(int id, in LiveMapping mapping)
    {
        _writer.Number((ulong)id);
        _writer.Number(mapping.Range.Start >> MemorySample.PageShift);
        _writer.Number((ulong)MemorySample.PagesIn(mapping.Range));
        MappingBits bits = (MappingBits)mapping.Protection
            | (mapping.IsShared ? MappingBits.Shared : 0)
            | (mapping.IsFileBacked ? MappingBits.File : 0)
            | (mapping.NotSeen is null ? 0 : MappingBits.NotSeen);
        _writer.Number((ulong)bits);
        _writer.Number((ulong)NameOf(mapping.Name));
        if (mapping.IsFileBacked)
            _writer.Number(mapping.FileOffset >> MemorySample.PageShift);
        if (mapping.NotSeen is { } reason)
            _writer.Number((ulong)NameOf(reason));
    }

    /// <summary>The number of a name; a new one makes a record, so there must be none under way.</summary>
    private int NameOf(string name)
    {
        const int mostCharacters = 4096;
        if (_names.TryGetValue(name, out int number))
            return number;
        _writer.Text(name.Length > mostCharacters ? name[..mostCharacters] : name);
        _writer.End(RecordType.Name);
        _names.Add(name, _names.Count);
        return _names.Count - 1;
    }

    private void AddEvents(IReadOnlyList<MemoryEvent> events)
    {
        foreach (MemoryEvent[] chunk in events.Chunk(RecordingFormat.MaxElements))
        {
            _writer.Number((ulong)chunk.Length);
            foreach (MemoryEvent memoryEvent in chunk)
            {
                _writer.Number(Microseconds(memoryEvent.At));
                _writer.Number((ulong)memoryEvent.Kind);
                if (memoryEvent.Kind is MemoryEventKind.Forked or MemoryEventKind.Executed)
                    continue;
                _writer.Number(memoryEvent.Range.Start >> MemorySample.PageShift);
                _writer.Number((ulong)MemorySample.PagesIn(memoryEvent.Range));
                if (memoryEvent.Kind == MemoryEventKind.Moved)
                    _writer.Number(memoryEvent.Destination >> MemorySample.PageShift);
                else if (memoryEvent.Kind is MemoryEventKind.Mapped or MemoryEventKind.Protected)
                    _writer.Number((ulong)memoryEvent.Protection);
            }

            _writer.End(RecordType.Events);
        }
    }

    private void AddWritten(IReadOnlyList<AddressRange> written)
    {
        foreach (AddressRange[] chunk in written.Chunk(RecordingFormat.MaxElements))
        {
            _writer.Number((ulong)chunk.Length);
            ulong next = 0;
            foreach (AddressRange range in chunk)
            {
                ulong page = range.Start >> MemorySample.PageShift;
                _writer.Number(page - next);
                _writer.Number((ulong)MemorySample.PagesIn(range));
                next = (range.Last >> MemorySample.PageShift) + 1;
            }

            _writer.End(RecordType.Written);
        }
    }

    private void AddLook(MemorySample sample)
    {
        long[] resident = MemorySample.CountIn(sample.Mappings, sample.Resident);
        List<(int Id, long Resident)> changed = [];
        for (int i = 0; i < resident.Length; i++)
        {
            int id = sample.Ids[i];
            (LiveMapping mapping, long before) = _known[id];
            if (before == resident[i])
                continue;
            changed.Add((id, resident[i]));
            _known[id] = (mapping, resident[i]);
        }

        _writer.Number(Microseconds(sample.At) - Microseconds(_before));
        _writer.Number(Microseconds(sample.Cost));
        _writer.Number(Microseconds(sample.Duration));
        _writer.Number((ulong)changed.Count);
        foreach ((int id, long pages) in changed)
        {
            _writer.Number((ulong)id);
            _writer.Number((ulong)pages);
        }

        _writer.End(RecordType.Look);
    }

    private void Flush()
    {
        _stream.Write(_writer.Records);
        _stream.Flush();
        Bytes += _writer.Records.Length;
        _writer.Clear();
    }

    private static ulong Microseconds(TimeSpan time) => (ulong)Math.Max(0, time.Ticks / TimeSpan.TicksPerMicrosecond);
}

/// <summary>What the bits of a mapping in a recording mean; the lowest three are its protection.</summary>
[Flags]
internal enum MappingBits : ulong
{
    Protection = 7,
    Shared = 8,
    File = 16,
    NotSeen = 32,
    All = 63,
}
