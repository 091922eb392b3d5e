using MmuNotifier.Hmm;
using MmuNotifier.Processes;
using MmuNotifier.Tool.Recording;
using MmuNotifier.Tool.Sampling;
using static MmuNotifier.Tool.Tests.Sampling.Looks;

namespace MmuNotifier.Tool.Tests.Recording;

/// <summary>Recordings made of looks that a test has made up.</summary>
internal static class Recordings
{
    internal static readonly DateTimeOffset Began = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    internal static byte[] Write(
        IEnumerable<MemorySample> samples, RecordingEnd end = RecordingEnd.Asked, long maxBytes = long.MaxValue, string command = "program")
    {
        var stream = new MemoryStream();
        var writer = new RecordingWriter(
            stream, maxBytes, new RecordedProcess(4711, command, Began, TimeSpan.FromSeconds(0.25), "1.2.3"));
        TimeSpan at = TimeSpan.Zero;
        foreach (MemorySample sample in samples)
        {
            if (!writer.TryWrite(sample, command))
            {
                end = RecordingEnd.SizeReached;
                break;
            }

            at = sample.At;
        }

        if (end != RecordingEnd.None)
            writer.End(at, end, "the end");
        Assert.Equal(stream.Length, writer.Bytes);
        return stream.ToArray();
    }

    /// <summary>All looks that can be read.</summary>
    internal static List<RecordedLook> Read(byte[] bytes, out RecordingReader reader)
    {
        reader = new RecordingReader(new MemoryStream(bytes));
        List<RecordedLook> looks = [];
        while (reader.Next() is { } look)
            looks.Add(look);
        Assert.Null(reader.Next());
        return looks;
    }

    /// <summary>A little of everything that a recording can have.</summary>
    internal static MemorySample[] Everything =>
    [
        Sample(0.25, [Mapping(16, 8, "[heap]"), Mapping(64, 4) with { NotSeen = "a reason" }], [Pages(16, 4)], [Pages(16, 2)], ids: [1, 2]),
        Sample(
            0.5,
            [
                Mapping(16, 12, "[heap]", Protection.Read),
                new LiveMapping
                {
                    Range = Pages(0x7fff0000, 3), Protection = Protection.Read | Protection.Execute, Name = "/lib/\u00e9\t.so",
                    IsFileBacked = true, IsShared = true, FileOffset = 0x5000,
                },
            ],
            [Pages(16, 5), Pages(24, 1)],
            [Pages(16, 1), Pages(20, 3), Pages(0x7fff0000, 1)],
            [
                Event(MemoryEventKind.Unmapped, 64, 4, 0.3), Event(MemoryEventKind.Moved, 100, 2, 0.31, 200),
                Event(MemoryEventKind.Dropped, 17, 1, 0.32), Event(MemoryEventKind.Forked, 0, 1, 0.33),
                Event(MemoryEventKind.Executed, 0, 1, 0.34), Event(MemoryEventKind.Mapped, 24, 4, 0.5),
                Event(MemoryEventKind.Protected, 16, 8, 0.5),
            ],
            [1, 7]) with { EventsLost = 12 },
        Sample(0.75, [], events: [Event(MemoryEventKind.Unmapped, 16, 12, 0.75)]),
    ];
}
