using System.Buffers.Binary;
using MmuNotifier.Tool.Recording;
using MmuNotifier.Tool.Reports;

namespace MmuNotifier.Tool.Tests.Recording;

/// <summary>Whatever is in a file, reading it ends, throws nothing but that it is no recording, and takes bounded memory.</summary>
public class DamagedRecordingTests
{
    private const int Runs = 20_000;
    private const long MostBytes = 64 << 20;

    [Fact]
    public void A_changed_byte_is_noticed()
    {
        byte[] whole = Recordings.Write(Recordings.Everything);
        for (int i = RecordingFormat.HeaderBytes; i < whole.Length; i++)
        {
            byte[] damaged = [.. whole];
            damaged[i] ^= 0x20;
            try
            {
                Recordings.Read(damaged, out RecordingReader reader);
                Assert.NotNull(reader.Problem);
            }
            catch (RecordingException)
            {
                // The first record.
            }
        }
    }

    [Fact]
    public void Records_with_right_check_sums_and_any_values_are_read_to_an_end()
    {
        byte[] whole = Recordings.Write(Recordings.Everything);
        var random = new Random(20261130);
        long before = GC.GetAllocatedBytesForCurrentThread();
        int accepted = 0;
        for (int run = 0; run < Runs; run++)
        {
            byte[] damaged = Damage(whole, random);
            try
            {
                var reader = new RecordingReader(new MemoryStream(damaged));
                var analysis = RecordingAnalysis.Of(reader);
                accepted += analysis.Looks > 0 ? 1 : 0;
            }
            catch (RecordingException)
            {
                // The first record.
            }
        }

        Assert.InRange(accepted, Runs / 10, Runs);
        Assert.True((GC.GetAllocatedBytesForCurrentThread() - before) / Runs < MostBytes / 64, "A damaged file takes much memory.");
    }

    [Fact]
    public void A_length_that_cannot_be_takes_no_memory()
    {
        byte[] bytes = [.. Recordings.Write([]), .. new byte[9]];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(bytes.Length - 9), uint.MaxValue);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Recordings.Read(bytes, out _);
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < MostBytes);
    }

    /// <summary>Changes, removes, repeats and inserts bytes in the records, and gives each its length and check sum again.</summary>
    private static byte[] Damage(byte[] whole, Random random)
    {
        var result = new MemoryStream();
        result.Write(whole.AsSpan(0, RecordingFormat.HeaderBytes));
        for (int at = RecordingFormat.HeaderBytes; at < whole.Length;)
        {
            int length = BinaryPrimitives.ReadInt32LittleEndian(whole.AsSpan(at));
            var type = (RecordType)whole[at + 4];
            List<byte> payload = [.. whole.AsSpan(at + 5, length)];
            at += length + RecordingFormat.FrameBytes;
            // Most records are kept, or little behind the first one is tested.
            for (int i = random.Next(6) == 0 ? random.Next(1, 4) : 0; i > 0; i--)
                Change(payload, random);
            if (random.Next(200) == 0)
                type = (RecordType)random.Next(12);
            for (int copies = random.Next(100) == 0 ? random.Next(3) : 1; copies > 0; copies--)
                Write(result, type, [.. payload]);
        }

        return result.ToArray();
    }

    private static void Change(List<byte> payload, Random random)
    {
        int at = random.Next(payload.Count + 1);
        switch (random.Next(4))
        {
            case 0 when at < payload.Count:
                payload[at] = (byte)random.Next(256);
                break;
            case 1 when at < payload.Count:
                payload.RemoveAt(at);
                break;
            case 2:
                payload.InsertRange(at, Enumerable.Repeat((byte)0xFF, random.Next(12)));
                break;
            default:
                payload.Insert(at, (byte)random.Next(256));
                break;
        }
    }

    private static void Write(MemoryStream stream, RecordType type, byte[] payload)
    {
        Span<byte> word = stackalloc byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(word, payload.Length);
        stream.Write(word);
        stream.WriteByte((byte)type);
        stream.Write(payload);
        BinaryPrimitives.WriteUInt32LittleEndian(word, RecordingFormat.CheckSum(type, payload));
        stream.Write(word);
    }
}
