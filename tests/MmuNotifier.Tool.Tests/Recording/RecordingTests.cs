using System.Text;
using MmuNotifier.Processes;
using MmuNotifier.Tool.Recording;
using MmuNotifier.Tool.Sampling;
using static MmuNotifier.Tool.Tests.Sampling.Looks;

namespace MmuNotifier.Tool.Tests.Recording;

public class RecordingTests
{
    [Fact]
    public void What_was_written_is_read()
    {
        MemorySample[] samples = Recordings.Everything;
        List<RecordedLook> looks = Recordings.Read(Recordings.Write(samples), out RecordingReader reader);
        Assert.Equal(new RecordedProcess(4711, "program", Recordings.Began, TimeSpan.FromSeconds(0.25), "1.2.3"), reader.Process);
        Assert.Equal((RecordingEnd.Asked, "the end", null), (reader.End, reader.EndWords, reader.Problem));
        Assert.Equal(samples.Length, looks.Count);
        var mappings = new SortedDictionary<int, LiveMapping>();
        var resident = new Dictionary<int, long>();
        foreach ((MemorySample sample, RecordedLook look) in samples.Zip(looks))
        {
            Assert.Equal(sample.At, look.At);
            Assert.Equal((sample.Cost, sample.Duration, sample.EventsLost), (look.Cost, look.Duration, look.EventsLost));
            Assert.Equal(sample.Events, look.Events);
            Assert.Equal(sample.Written, look.Written);
            look.Gone.ForEach(id => Assert.True(mappings.Remove(id) && resident.Remove(id)));
            look.Changed.ForEach(each => mappings[each.Id] = each.Mapping);
            foreach (int id in mappings.Keys)
                resident.TryAdd(id, 0);
            look.Resident.ForEach(each => resident[each.Id] = each.Pages);
            Assert.Equal(sample.Ids.Zip(sample.Mappings), mappings.Select(each => (each.Key, each.Value)));
            Assert.Equal(
                sample.Ids.Zip(MemorySample.CountIn(sample.Mappings, sample.Resident)),
                mappings.Keys.Select(id => (id, resident[id])));
        }
    }

    [Fact]
    public void What_stays_the_same_takes_no_bytes()
    {
        LiveMapping[] mappings = [.. Enumerable.Range(0, 1000).Select(i => Mapping((ulong)(16 + (2 * i)), 1))];
        AddressRange[] resident = [Pages(16, 2000)];
        int one = Recordings.Write([Sample(1, mappings, resident)]).Length;
        int many = Recordings.Write(Enumerable.Range(1, 101).Select(i => Sample(i, mappings, resident))).Length;
        Assert.InRange((many - one) / 100, 1, 40);
    }

    [Fact]
    public void A_recording_that_is_cut_at_any_byte_has_every_look_before_it_and_says_what_is_missing()
    {
        byte[] whole = Recordings.Write(Recordings.Everything);
        int looksBefore = 0;
        bool isFirst = true;
        for (int length = 0; length < whole.Length; length++)
        {
            List<RecordedLook> looks;
            RecordingReader reader;
            try
            {
                looks = Recordings.Read(whole[..length], out reader);
            }
            catch (RecordingException)
            {
                Assert.True(isFirst, $"{length} bytes are not accepted, fewer are");
                continue;
            }

            isFirst = false;
            Assert.Equal(RecordingEnd.None, reader.End);
            Assert.InRange(looks.Count, looksBefore, Recordings.Everything.Length);
            looksBefore = looks.Count;
            Assert.Equal(reader.BytesRead != length, reader.Problem is not null);
        }

        Assert.Equal(Recordings.Everything.Length, looksBefore);
    }

    [Fact]
    public void A_recording_never_grows_beyond_its_bound_and_says_so()
    {
        const long bound = 64 << 10;
        MemorySample[] samples = [.. Enumerable.Range(1, 5000).Select(i => Sample(
            i, [Mapping(16, 5000)], [Pages(16, 5000)], [.. Enumerable.Range(0, 100).Select(j => Pages((ulong)(16 + (7 * j)), 3))]))];
        byte[] bytes = Recordings.Write(samples, maxBytes: bound);
        Assert.InRange(bytes.Length, bound / 2, bound);
        List<RecordedLook> looks = Recordings.Read(bytes, out RecordingReader reader);
        Assert.InRange(looks.Count, 100, samples.Length - 1);
        Assert.Equal((RecordingEnd.SizeReached, null), (reader.End, reader.Problem));
    }

    [Fact]
    public void Each_look_is_one_write_so_that_it_can_be_read_at_once()
    {
        var stream = new CountingStream();
        var writer = new RecordingWriter(
            stream, long.MaxValue, new RecordedProcess(1, "", Recordings.Began, TimeSpan.FromSeconds(1), ""));
        int before = stream.Writes;
        foreach (MemorySample sample in Recordings.Everything)
            Assert.True(writer.TryWrite(sample, ""));
        Assert.Equal(before + Recordings.Everything.Length, stream.Writes);
    }

    [Theory]
    [InlineData("", "it is no recording of mmun record")]
    [InlineData("mmun-rec", "it is no recording of mmun record")]
    [InlineData("\u007fELF\u0001\u0001\u0001________", "it is no recording of mmun record")]
    [InlineData("mmun-rec\u0002\u0000\u0000\u0000", "its format has version 2, and this mmun reads version 1")]
    [InlineData("mmun-rec\u0001\u0000\u0000\u0000", "it ends before its first look")]
    public void What_is_no_recording_is_refused_in_words(string bytes, string words) => Assert.Equal(
        words,
        Assert.Throws<RecordingException>(() => new RecordingReader(new MemoryStream(Encoding.Latin1.GetBytes(bytes)))).Message);

    private sealed class CountingStream : MemoryStream
    {
        internal int Writes { get; private set; }

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            Writes++;
            base.Write(buffer);
        }
    }
}
