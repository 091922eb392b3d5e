using MmuNotifier.Tool.Output;
using MmuNotifier.Tool.Sampling;
using MmuNotifier.Tool.Top;
using static MmuNotifier.Tool.Tests.Sampling.Looks;

namespace MmuNotifier.Tool.Tests.Top;

public class TopViewTests
{
    private readonly TopView _view = new(Glyphs.Unicode);

    public static TheoryData<int, int> Sizes => new(
        from width in (int[])[60, 61, 79, 80, 119, 120, 159, 160, 200, 400] from height in (int[])[1, 5, 24, 50] select (width, height));

    [Theory]
    [MemberData(nameof(Sizes))]
    public void No_line_is_wider_than_the_screen_and_there_are_as_many_as_it_has(int width, int height)
    {
        TopState[] states =
        [
            new(), new() { ShowsHelp = true }, new() { ShowsPages = true, Selected = TopModels.Heap }, new() { Filter = "nothing" },
            new() { IsFiltering = true, Filter = new string('x', 300) }, new() { ShowsPages = true, Selected = 99 },
            new() { IsPaused = true },
        ];
        foreach (TopState state in states)
        {
            List<ScreenLine> lines = _view.Screen(TopModels.Busy(), state, width, height);
            Assert.Equal(height, lines.Count);
            Assert.All(lines, line => Assert.InRange(TextCells.Width(line.Text), 0, width));
        }
    }

    [Fact]
    public void At_60_columns_the_rows_still_say_who_writes() => Assert.Equal(
        """
        mmun top  4711  server --port 80                        0:04
        2.60 MiB resident  264 KiB/s written  2.0 events/s
        mmun costs it 0.2%, 1 stop of 8.4 ms; uses 0% CPU
        written                                                 ████
        MAPPING            RES  WRIT/s  EV/s PAGES
        [heap]           1.56M    200K   1.0 ░░▓▓▓▓░░▓▓▓▓░░▓▓▓▓░░███
        (anonymous)      1.00M     64K   1.0 ██░░░░░░░░░░░░░░░░░░░░░
        ~hing.so.6.0.30    40K               ░░░░···················
        (anonymous) !        0               ·······················
        """,
        Text(_view.Snapshot(TopModels.Busy(), new TopState(), 60, 40)));

    [Fact]
    public void At_80_columns_growth_size_and_trend_are_shown() => Assert.Equal(
        """
        MAPPING          SIZE    RES   GROWN  WRIT/s TREND     EV/s PAGES
        [heap]          1.56M  1.56M  +1.17M    200K     ████   1.0 ░░▓▓▓░░▓▓▓░░▓▓▓░░███
        (anonymous)     1.00M  1.00M             64K     ████   1.0 ██░░░░░░░░░░░░░░░░░░
        """,
        Text(_view.Snapshot(TopModels.Busy(), new TopState(), 80, 40)[4..7]));

    [Fact]
    public void At_120_columns_addresses_and_permissions_are_shown()
    {
        string text = Text(_view.Snapshot(TopModels.Busy(), new TopState(), 120, 40));
        Assert.Contains("MAPPING", text, StringComparison.Ordinal);
        Assert.Contains("     1000000 rw-p  1.56M  1.56M  +1.17M    200K", text, StringComparison.Ordinal);
        Assert.Contains("    7f0000000 r-xp   256K    40K", text, StringComparison.Ordinal);
        Assert.Contains("mmun costs it 0.2%, 1 stop of 8.4 ms; uses 0% CPU; looks every 1000 ms", text, StringComparison.Ordinal);
    }

    [Fact]
    public void At_200_columns_names_are_whole() => Assert.Contains(
        "/usr/lib/x86_64-linux-gnu/libsomething.so.6.0.30 ",
        Text(_view.Snapshot(TopModels.Busy(), new TopState(), 200, 40)),
        StringComparison.Ordinal);

    [Fact]
    public void Below_60_columns_it_says_what_it_needs() => Assert.StartsWith(
        "mmun top needs 60 columns", Text(_view.Screen(TopModels.Busy(), new TopState(), 59, 10)), StringComparison.Ordinal);

    [Fact]
    public void A_locale_without_unicode_gets_plain_characters()
    {
        string text = Text(new TopView(Glyphs.Ascii).Screen(TopModels.Busy(), new TopState(), 120, 30));
        Assert.All(text, character => Assert.True(character is '\n' or (>= ' ' and <= '~')));
    }

    [Theory]
    [InlineData(null, null, null, true)]
    [InlineData(null, null, "en_US.UTF-8", true)]
    [InlineData(null, "C.utf8", "C", true)]
    [InlineData("C", null, "en_US.UTF-8", false)]
    [InlineData(null, null, "de_DE.ISO-8859-1", false)]
    public void The_locale_decides_which_characters_are_used(string? all, string? type, string? language, bool isUnicode) => Assert.Same(
        isUnicode ? Glyphs.Unicode : Glyphs.Ascii,
        Glyphs.For(name => name switch { "LC_ALL" => all, "LC_CTYPE" => type, _ => language }));

    [Fact]
    public void A_name_cannot_move_the_cursor_and_wide_characters_do_not_shift_the_columns()
    {
        var model = new TopModel { ProcessId = 1, Command = "evil\e[2J\u202e\n" };
        const string name = "/tmp/\e]0;x\a\u009b漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字.so";
        model.Add(Sample(1, [Mapping(16, 4, name), Mapping(32, 4, "a")]));
        List<ScreenLine> lines = _view.Snapshot(model, new TopState { Sort = TopSort.Address }, 100, 9);
        Assert.DoesNotContain(Text(lines), character => char.IsControl(character) && character != '\n');
        Assert.DoesNotContain('\u202e', Text(lines));
        Assert.All(lines, line => Assert.InRange(TextCells.Width(line.Text), 0, 100));
        Assert.Equal(CellsBefore(lines[6].Text, "16K"), CellsBefore(lines[5].Text, "16K"));
    }

    [Fact]
    public void A_mapping_that_is_gone_is_shown_for_some_looks_and_one_that_comes_and_goes_has_its_events()
    {
        var model = new TopModel { ProcessId = 1 };
        model.Add(Sample(1, [Mapping(16, 4)], [Pages(16, 4)]));
        model.Add(Sample(2, [], events: [Event(MemoryEventKind.Unmapped, 16, 4, 1.5)]));
        Assert.Contains("(anonymous) (gone)", Text(_view.Snapshot(model, new TopState(), 100, 9)), StringComparison.Ordinal);
        TopRow row = Assert.Single(model.Rows);
        Assert.Equal((1, 0, -4), (row.Events.Unmapped, row.ResidentPages, row.GrowthPages));
        for (int i = 0; i < TopModel.LooksShownGone; i++)
            model.Add(Sample(3 + i, []));
        Assert.Empty(model.Rows);
    }

    [Fact]
    public void Page_by_page_each_line_has_its_address_and_the_last_events_are_below()
    {
        List<ScreenLine> lines = _view.Screen(
            TopModels.Busy(), new TopState { ShowsPages = true, Selected = TopModels.Heap }, 80, 24);
        Assert.StartsWith("[heap]  rw-p  1000000-118ffff", lines[4].Text, StringComparison.Ordinal);
        Assert.Contains(lines, line => line.Text.StartsWith("      1000000 ░░░░", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.Text.StartsWith("      1040000 ", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.Text.Contains("4.000 s  mapped 112c000 400K", StringComparison.Ordinal));
    }

    [Fact]
    public void Ten_thousand_mappings_are_drawn_by_the_rows_that_are_seen()
    {
        var model = new TopModel { ProcessId = 1 };
        for (int look = 1; look < 4; look++)
        {
            model.Add(Sample(
                look,
                [.. Enumerable.Range(0, 10_000).Select(i => Mapping((ulong)(16 + (3 * i)), 2))],
                [Pages(16, 30_000)],
                [.. Enumerable.Range(0, 10_000).Select(i => Pages((ulong)(16 + (3 * i)), 1))]));
        }

        Assert.Equal(50, _view.Screen(model, new TopState(), 120, 50).Count);
        Assert.Equal(10_000, TopOrder.Of(model, new TopState()).Count);
    }

    private static string Text(IEnumerable<ScreenLine> lines) => string.Join('\n', lines.Select(line => line.Text.TrimEnd()));

    private static int CellsBefore(string line, string text) =>
        TextCells.Width(line[..line.IndexOf(text, StringComparison.Ordinal)]);
}
