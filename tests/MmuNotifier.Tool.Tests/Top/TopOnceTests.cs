using System.Globalization;
using System.Text.Json;
using MmuNotifier.Tool.Tests.EndToEnd;

namespace MmuNotifier.Tool.Tests.Top;

/// <summary>What a user sees of the sample programs in mmun top, once: as JSON and as text.</summary>
[Collection(EndToEndGroup.Name)]
public class TopOnceTests
{
    [Fact]
    public void A_leak_is_the_mapping_that_grows_most()
    {
        using Sample sample = new("leaks");
        JsonElement top = sample.Top("growth", top => First(top).GetProperty("growthBytes").GetInt64() > 64 << 10);
        JsonElement heap = First(top);
        Assert.Equal("[heap]", heap.GetProperty("name").GetString());
        Assert.Equal("rw-p", heap.GetProperty("permissions").GetString());
        Assert.True(heap.GetProperty("events").GetProperty("mapped").GetInt64() > 0, $"{heap}");
        Assert.InRange(heap.GetProperty("residentBytes").GetInt64(), 1, heap.GetProperty("sizeBytes").GetInt64());
        Assert.Equal("[heap]", sample.FirstRow("growth"));
    }

    [Fact]
    public void Memory_that_is_mapped_and_unmapped_again_and_again_has_the_most_events()
    {
        using Sample sample = new("remaps");
        JsonElement top = sample.Top(
            "events", top => Count(First(top), "mapped") > 0 && Count(First(top), "unmapped") > 0);
        Assert.Equal("", First(top).GetProperty("name").GetString());
        Assert.True(top.GetProperty("eventsPerSecond").GetDouble() > 0, $"{top}");
    }

    [Fact]
    public void Memory_that_is_written_all_over_is_written_most_and_what_is_never_touched_is_not_in_memory()
    {
        using Sample sample = new("writes");
        JsonElement top = sample.Top("written", top => First(top).GetProperty("writtenBytesPerSecond").GetDouble() > 1 << 20);
        Assert.Equal(64 << 20, First(top).GetProperty("sizeBytes").GetInt64());
        Assert.Contains(
            top.GetProperty("mappings").EnumerateArray(),
            each => each.GetProperty("sizeBytes").GetInt64() >= 32 << 20 && each.GetProperty("residentBytes").GetInt64() < 1 << 20);
        Assert.Equal("/dev/zero (deleted)", sample.FirstRow("written"));
    }

    [Fact]
    public void The_document_has_its_schema_and_what_it_has_cost_the_process()
    {
        using Sample sample = new("writes");
        JsonElement top = sample.Top("activity", _ => true);
        Assert.Equal(("mmun-top", 1), (top.GetProperty("schema").GetString(), top.GetProperty("version").GetInt32()));
        Assert.Equal(sample.Id, top.GetProperty("pid").GetInt32().ToString(CultureInfo.InvariantCulture));
        JsonElement cost = top.GetProperty("cost");
        Assert.Equal(1, cost.GetProperty("stops").GetInt32());
        Assert.True(cost.GetProperty("stoppedSeconds").GetDouble() > 0);
        Assert.True(cost.GetProperty("share").GetDouble() > 0);
        Assert.True(cost.GetProperty("ownProcessorShare").GetDouble() > 0);
        Assert.Equal(
            top.GetProperty("residentBytes").GetInt64(),
            top.GetProperty("mappings").EnumerateArray().Sum(each => each.GetProperty("residentBytes").GetInt64()));
    }

    [Fact]
    public void A_filter_and_a_launched_program_are_possible()
    {
        using Mmun mmun = Mmun.Run("top", "--once", "--json", "--filter", "[stack]", "--", "sh", "-c", "sleep 60; echo x");
        Assert.True(mmun.WaitForExit() == 0, mmun.Error);
        JsonElement mappings = JsonDocument.Parse(mmun.Output).RootElement.GetProperty("mappings");
        Assert.Equal("[stack]", Assert.Single(mappings.EnumerateArray()).GetProperty("name").GetString());
    }

    [Theory]
    [InlineData("There is no process 999999999", "--pid", "999999999")]
    [InlineData("--json is for --once", "--json", "--pid", "1")]
    [InlineData("--sort takes activity, written, events, growth, resident, size, address or name; not", "--sort", "red", "--pid", "1")]
    [InlineData("--interval takes a number of seconds above 0 and at most 1000000", "--interval", "0", "--pid", "1")]
    [InlineData("Say of which process: --pid N")]
    public void What_cannot_be_is_refused_in_one_line(string words, params string[] arguments)
    {
        using Mmun mmun = Mmun.Run(["top", .. arguments]);
        Assert.Contains(words, mmun.Refusal(), StringComparison.Ordinal);
    }

    private static JsonElement First(JsonElement top) => top.GetProperty("mappings")[0];

    private static long Count(JsonElement mapping, string kind) => mapping.GetProperty("events").GetProperty(kind).GetInt64();
}
