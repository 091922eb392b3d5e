using System.Text.Json;
using MmuNotifier.Tool.Recording;
using MmuNotifier.Tool.Reports;
using MmuNotifier.Tool.Tests.Recording;

namespace MmuNotifier.Tool.Tests.Reports;

/// <summary>
/// The trace against the format's documentation ("Trace Event Format", by Google): which members each phase must have.
/// </summary>
public class RecordingTraceTests
{
    [Fact]
    public void Each_event_has_what_its_phase_requires()
    {
        JsonElement trace = Trace(Recordings.Write(Recordings.Everything));
        Assert.Equal("ms", trace.GetProperty("displayTimeUnit").GetString());
        var open = new HashSet<string>();
        double before = 0;
        foreach (JsonElement each in trace.GetProperty("traceEvents").EnumerateArray())
        {
            Assert.NotEqual("", each.GetProperty("name").GetString());
            Assert.Equal(4711, each.GetProperty("pid").GetInt32());
            Assert.True(each.GetProperty("tid").GetInt32() >= 0);
            Assert.Equal(JsonValueKind.Object, each.GetProperty("args").ValueKind);
            string phase = each.GetProperty("ph").GetString()!;
            if (phase == "M")
            {
                Assert.Contains(each.GetProperty("name").GetString(), (string[])["process_name", "thread_name"]);
                Assert.NotEqual("", each.GetProperty("args").GetProperty("name").GetString());
                continue;
            }

            double time = each.GetProperty("ts").GetDouble();
            Assert.True(time >= before, $"{each} is before the event before it");
            before = time;
            Assert.NotEqual("", each.GetProperty("cat").GetString());
            CheckPhase(phase, each, open);
        }

        Assert.Empty(open);
    }

    [Fact]
    public void Every_event_counter_and_mapping_of_the_recording_is_in_it()
    {
        JsonElement trace = Trace(Recordings.Write(Recordings.Everything));
        List<JsonElement> events = [.. trace.GetProperty("traceEvents").EnumerateArray()];
        Assert.Equal(
            ["dropped", "executed", "forked", "mapped", "moved", "protected", "unmapped", "unmapped"],
            events.Where(each => Phase(each) == "i").Select(each => each.GetProperty("name").GetString()).Order());
        JsonElement moved = events.Single(each => each.GetProperty("name").GetString() == "moved" && Phase(each) == "i");
        Assert.Equal(310_000, moved.GetProperty("ts").GetDouble());
        Assert.Equal("0x64000", moved.GetProperty("args").GetProperty("start").GetString());
        Assert.Equal("0xc8000", moved.GetProperty("args").GetProperty("to").GetString());
        Assert.Equal(
            [4 * 4096, 6 * 4096, 0],
            events.Where(each => each.GetProperty("name").GetString() == "in memory")
                .Select(each => each.GetProperty("args").GetProperty("bytes").GetInt64()));
        Assert.Equal(3, events.Count(each => Phase(each) == "b"));
        Assert.Equal(3, events.Count(each => Phase(each) == "X"));
    }

    [Fact]
    public void A_recording_that_is_not_whole_has_a_trace_that_says_so()
    {
        byte[] whole = Recordings.Write(Recordings.Everything);
        JsonElement trace = Trace(whole[..^30]);
        Assert.Contains("incomplete", trace.GetProperty("otherData").GetProperty("problem").GetString(), StringComparison.Ordinal);
    }

    private static void CheckPhase(string phase, JsonElement each, HashSet<string> open)
    {
        switch (phase)
        {
            case "X":
                Assert.True(each.GetProperty("dur").GetDouble() >= 0);
                break;
            case "i":
                Assert.Contains(each.GetProperty("s").GetString(), (string[])["g", "p", "t"]);
                break;
            case "C":
                Assert.All(each.GetProperty("args").EnumerateObject(), value => Assert.Equal(JsonValueKind.Number, value.Value.ValueKind));
                break;
            case "b":
                Assert.True(open.Add(Key(each)));
                break;
            case "e":
                Assert.True(open.Remove(Key(each)));
                break;
            default:
                Assert.Fail($"phase {phase}");
                break;
        }
    }

    private static string Key(JsonElement each) =>
        $"{each.GetProperty("cat")} {each.GetProperty("id").GetString()} {each.GetProperty("name")}";

    private static string Phase(JsonElement each) => each.GetProperty("ph").GetString()!;

    private static JsonElement Trace(byte[] recording)
    {
        var output = new MemoryStream();
        RecordingTrace.Write(() => new RecordingReader(new MemoryStream(recording)), output);
        return JsonDocument.Parse(output.ToArray()).RootElement;
    }
}
