using System.Globalization;
using System.Text.Json;
using Microsoft.Playwright;
using MmuNotifier.Processes;
using MmuNotifier.Tool.Recording;
using MmuNotifier.Tool.Reports;
using MmuNotifier.Tool.Sampling;
using MmuNotifier.Tool.Tests.Recording;
using static MmuNotifier.Tool.Tests.Sampling.Looks;

namespace MmuNotifier.Tool.Tests.Reports;

/// <summary>The page of mmun report, in a real browser.</summary>
public class RecordingPageTests
{
    private const string HostileName = "/tmp/</script><script>alert(1)</script><img src=x onerror=alert(2)>{{script}}\u202e";

    [Fact]
    public async Task A_click_on_a_mark_shows_that_event()
    {
        await using Browser browser = await Browser.StartAsync();
        IPage page = await browser.OpenAsync(Page(Busy()));
        int events = await page.EvaluateAsync<int>("mmun.counts.events");
        Assert.Equal(Busy().Sum(sample => sample.Events.Count), events);
        foreach (int i in (int[])[0, 7, events - 3])
        {
            JsonElement mark = (await page.EvaluateAsync("i => mmun.markOf(i)", i))!.Value;
            await page.Mouse.ClickAsync(mark.GetProperty("x").GetSingle(), mark.GetProperty("y").GetSingle());
            Assert.Equal(i.ToString(CultureInfo.InvariantCulture), await page.GetAttributeAsync("#details", "data-event"));
            JsonElement shown = (await page.EvaluateAsync("i => mmun.event(i)", i))!.Value;
            string details = await page.InnerTextAsync("#details");
            Assert.Contains(shown.GetProperty("kind").GetString()!, details, StringComparison.Ordinal);
            Assert.Contains(shown.GetProperty("start").GetString()!, details, StringComparison.Ordinal);
        }

        Assert.Empty(browser.Problems);
    }

    [Fact]
    public async Task The_search_finds_names_and_addresses_and_the_table_sorts()
    {
        await using Browser browser = await Browser.StartAsync();
        IPage page = await browser.OpenAsync(Page(Busy()));
        Assert.Equal("4 of 4", await page.InnerTextAsync("#count"));
        await page.FillAsync("#search", "HEAP");
        Assert.Equal("1 of 4", await page.InnerTextAsync("#count"));
        Assert.Equal("[heap]", await page.InnerTextAsync(".row .name"));
        await page.FillAsync("#search", "0x9001234");
        Assert.Equal("1 of 4", await page.InnerTextAsync("#count"));
        await page.PressAsync("#search", "Enter");
        Assert.Contains("0x9000000-0x90fffff", await page.InnerTextAsync("#details"), StringComparison.Ordinal);
        await page.FillAsync("#search", "");
        await page.ClickAsync(".head >> text=Mapping");
        Assert.Equal("(anonymous)", await page.InnerTextAsync(".row .name"));
        await page.ClickAsync("#tab-events");
        await page.ClickAsync(".row >> nth=2");
        Assert.StartsWith("Event 3:", await page.InnerTextAsync("#details"), StringComparison.Ordinal);
        Assert.Empty(browser.Problems);
    }

    [Fact]
    public async Task It_zooms_moves_and_shows_all_again()
    {
        await using Browser browser = await Browser.StartAsync();
        IPage page = await browser.OpenAsync(Page(Busy()));
        double whole = await Span();
        await page.HoverAsync("#map");
        await page.Mouse.WheelAsync(0, -600);
        double near = await Span();
        Assert.True(near < whole / 2);
        await page.Keyboard.PressAsync("ArrowRight");
        Assert.Equal(near, await Span(), 6);
        await page.ClickAsync("#reset");
        Assert.Equal(whole, await Span(), 6);
        Assert.Empty(browser.Problems);

        Task<double> Span() => page.EvaluateAsync<double>("mmun.view.to - mmun.view.from");
    }

    [Fact]
    public async Task Both_themes_have_their_colours_and_follow_the_system_and_the_button()
    {
        await using Browser browser = await Browser.StartAsync();
        IPage page = await browser.OpenAsync(Page(Busy()));
        string light = await Background();
        await page.EmulateMediaAsync(new PageEmulateMediaOptions { ColorScheme = ColorScheme.Dark });
        await page.WaitForSelectorAsync("html[data-theme=dark]");
        Assert.NotEqual(light, await Background());
        await page.ClickAsync("#theme");
        Assert.Equal(light, await Background());
        Assert.Empty(browser.Problems);

        Task<string> Background() => page.EvaluateAsync<string>("getComputedStyle(document.body).backgroundColor");
    }

    [Fact]
    public async Task A_name_is_only_ever_text()
    {
        MemorySample[] samples =
        [
            Sample(1, [Mapping(16, 400, HostileName)], [Pages(16, 4)], [Pages(16, 4)]),
            Sample(2, [Mapping(16, 400, HostileName)], [Pages(16, 4)], [], [Event(MemoryEventKind.Dropped, 17, 1, 1.5)]),
        ];
        await using Browser browser = await Browser.StartAsync();
        IPage page = await browser.OpenAsync(Page(samples, HostileName));
        JsonElement mark = (await page.EvaluateAsync("mmun.markOf(0)"))!.Value;
        await page.Mouse.ClickAsync(mark.GetProperty("x").GetSingle(), mark.GetProperty("y").GetSingle());
        Assert.Contains("<script>alert(1)</script>", await page.InnerTextAsync("#details"), StringComparison.Ordinal);
        Assert.Contains("onerror=alert(2)", await page.InnerTextAsync("#title"), StringComparison.Ordinal);
        Assert.Equal(0, await page.Locator("img").CountAsync());
        Assert.Equal(2, await page.Locator("script").CountAsync());
        Assert.Empty(browser.Problems);
    }

    [Fact]
    public async Task A_recording_without_a_look_has_a_page_too()
    {
        await using Browser browser = await Browser.StartAsync();
        IPage page = await browser.OpenAsync(Page([]));
        Assert.Equal("0 of 0", await page.InnerTextAsync("#count"));
        Assert.Empty(browser.Problems);
    }

    [Fact]
    public async Task A_million_events_are_shown()
    {
        await using Browser browser = await Browser.StartAsync();
        var random = new Random(1);
        MemorySample[] samples = [.. Enumerable.Range(1, 50).Select(look => Sample(
            look,
            [.. Enumerable.Range(0, 200).Select(i => Mapping((ulong)(64 + (512 * i)), 256))],
            [Pages(64, 102_400)],
            [.. Enumerable.Range(0, 200).Select(i => Pages((ulong)(64 + (512 * i) + random.Next(200)), 8))],
            [.. Enumerable.Range(0, 20_000).Select(i => Event(
                MemoryEventKind.Dropped, (ulong)(64 + (512 * random.Next(200)) + random.Next(250)), 1, look - 1 + (i / 20_000.0)))]))];
        string html = Page(samples);
        long begin = System.Diagnostics.Stopwatch.GetTimestamp();
        IPage page = await browser.OpenAsync(html);
        TimeSpan load = System.Diagnostics.Stopwatch.GetElapsedTime(begin);
        Assert.Equal(1_000_000, await page.EvaluateAsync<int>("mmun.counts.events"));
        double frame = await page.EvaluateAsync<double>("Math.min(mmun.draw(), mmun.draw(), mmun.draw())");
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"{html.Length >> 10} KiB, loaded in {load.TotalSeconds:0.0} s, a frame in {frame:0.0} ms");
        await page.ClickAsync("#tab-events");
        Assert.Equal("1,000,000 in view", await page.InnerTextAsync("#count"));
        await page.EvaluateAsync("mmun.setView(10, 10.001, 0, 1e9)");
        // Not by WaitForFunctionAsync: it calls eval in the page, which the page forbids.
        for (int look = 0; await page.InnerTextAsync("#count") == "1,000,000 in view"; look++)
        {
            Assert.True(look < 1000, "The table shows all events although the picture shows a part.");
            await Task.Delay(50, TestContext.Current.CancellationToken);
        }

        Assert.Empty(browser.Problems);
    }

    /// <summary>A program that leaks, writes, and maps and unmaps.</summary>
    internal static MemorySample[] Busy()
    {
        List<MemorySample> samples = [];
        for (int i = 1; i <= 40; i++)
        {
            var heap = (ulong)(100 * i);
            LiveMapping[] mappings =
            [
                Mapping(0x1000, heap, "[heap]"), Mapping(0x9000, 256), Mapping(0xA000, 1000) with { NotSeen = "others write it" },
                Mapping(0x7f0000, 64, "/usr/lib/libsomething.so.6"),
            ];
            samples.Add(Sample(
                i,
                mappings,
                [Pages(0x1000, heap), Pages(0x9000, 256), Pages(0x7f0000, 10)],
                [Pages(0x1000 + heap - 100, 100), Pages(0x9000 + (ulong)(i * 5), 16), Pages(0x7f0000, 1)],
                [
                    Event(MemoryEventKind.Dropped, 0x9000 + (ulong)(i * 4), 2, i - 0.5),
                    Event(MemoryEventKind.Mapped, 0x1000 + heap - 100, 100, i),
                ]));
        }

        return [.. samples];
    }

    private static string Page(MemorySample[] samples, string command = "program")
    {
        byte[] bytes = Recordings.Write(samples, command: command);
        return RecordingPage.Of(() => new RecordingReader(new MemoryStream(bytes)));
    }
}
