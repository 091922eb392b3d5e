using System.Globalization;
using MmuNotifier.Tool.Output;
using MmuNotifier.Tool.Reporting;
using MmuNotifier.Tool.Sampling;

namespace MmuNotifier.Tool.Top;

/// <summary>Draws what <c>mmun top</c> shows, as lines of text: of a model, a state and a size, and nothing else.</summary>
internal sealed class TopView(Glyphs glyphs)
{
    private const int FooterLines = 1;

    /// <summary>The lines of a screen; exactly as many as it has.</summary>
    internal List<ScreenLine> Screen(TopModel model, TopState state, int width, int height)
    {
        List<ScreenLine> lines;
        if (width < TopColumns.LeastWidth)
        {
            lines = [new ScreenLine(width).Add(
                string.Create(CultureInfo.InvariantCulture, $"mmun top needs {TopColumns.LeastWidth} columns"), Ink.Warning)];
        }
        else
        {
            lines = Header(model, state, width);
            int room = Math.Max(0, height - lines.Count - FooterLines);
            lines.AddRange(state.ShowsHelp ? Help(width)
                : state.ShowsPages ? new PageView(glyphs).Draw(model, state, width, room) : Rows(model, state, width, room));
        }

        while (lines.Count < height - FooterLines)
            lines.Add(new ScreenLine(width));
        lines = lines[..Math.Min(lines.Count, Math.Max(0, height - FooterLines))];
        lines.Add(Footer(state, width));
        return lines;
    }

    /// <summary>The same once, for a file or a pipe: without keys, with so many rows.</summary>
    internal List<ScreenLine> Snapshot(TopModel model, TopState state, int width, int rows)
    {
        List<ScreenLine> lines = Header(model, state, width);
        lines.AddRange(Rows(model, state with { Selected = -1 }, width, rows + 1));
        int left = TopOrder.Of(model, state).Count - rows;
        if (left > 0)
        {
            lines.Add(new ScreenLine(width).Add(
                string.Create(CultureInfo.InvariantCulture, $"... and {left} more (--json has all of them)"), Ink.Faint));
        }

        return lines;
    }

    private List<ScreenLine> Header(TopModel model, TopState state, int width)
    {
        string mark = state.IsPaused ? "PAUSED" : Quantities.Clock(model.At);
        string command = TextCells.Printable(model.Command);
        ScreenLine first = new ScreenLine(width).Add("mmun top", Ink.Title)
            .Add(string.Create(CultureInfo.InvariantCulture, $"  {model.ProcessId}  "), Ink.Value);
        first.Add(TextCells.Cut(command, Math.Max(0, first.Left - mark.Length - 2)));
        first.AddAtEnd(mark, state.IsPaused ? Ink.Warning : Ink.Faint);
        ScreenLine second = new ScreenLine(width)
            .AddWhole(Quantities.LongPages(model.ResidentPages), Ink.Value, " resident")
            .AddWhole("  " + Quantities.LongPages(model.WrittenPagesPerSecond) + "/s", Ink.Value, " written")
            .AddWhole("  " + Quantities.Rate(model.EventsPerSecond), Ink.Value, " events/s")
            .AddWhole("  " + Quantities.Count(model.Mappings), Ink.Value, " mappings");
        if (model.NotSeen > 0)
            second.AddWhole(string.Create(CultureInfo.InvariantCulture, $" ({model.NotSeen} not seen)"), Ink.Faint);
        if (model.EventsLost > 0)
            second.AddWhole(string.Create(CultureInfo.InvariantCulture, $"  {model.EventsLost} events lost"), Ink.Warning);
        string stops = model.Stops == 0
            ? "no stop"
            : string.Create(CultureInfo.InvariantCulture, $"{model.Stops} stop{(model.Stops == 1 ? "" : "s")}")
                + $" of {Quantities.Milliseconds(model.Stopped)}";
        ScreenLine third = new ScreenLine(width)
            .AddWhole("mmun costs it ", Ink.Faint).AddWhole(Quantities.Share(model.CostShare), Ink.Value).AddWhole(", " + stops, Ink.Faint)
            .AddWhole("; uses " + Quantities.Share(model.OwnProcessorShare) + " CPU", Ink.Faint);
        if (model.Period > TimeSpan.Zero)
            third.AddWhole("; looks every " + Quantities.Milliseconds(model.Period), Ink.Faint);
        const string label = "written ";
        ScreenLine fourth = new ScreenLine(width).Add(label, Ink.Faint);
        fourth.Add(glyphs.Trend(model.History, fourth.Left), Ink.Trend);
        return [first, second, third, fourth];
    }

    /// <summary>The heading, and a line for each mapping, as many as there is room for.</summary>
    internal List<ScreenLine> Rows(TopModel model, TopState state, int width, int room)
    {
        TopColumns columns = TopColumns.For(width);
        List<TopRow> rows = TopOrder.Of(model, state);
        List<ScreenLine> lines = [Heading(columns, state, width)];
        int selected = Math.Max(0, rows.FindIndex(row => row.Id == state.Selected));
        int first = Math.Clamp(selected - ((room - 1) / 2), 0, Math.Max(0, rows.Count - (room - 1)));
        for (int i = first; i < rows.Count && lines.Count < room; i++)
        {
            ScreenLine line = Row(model, rows[i], columns, width);
            lines.Add(state.Selected >= 0 && i == selected ? line.Filled(Ink.Selected) : line);
        }

        if (rows.Count == 0)
            lines.Add(new ScreenLine(width).Add("No mapping contains '" + TextCells.Printable(state.Filter) + "'.", Ink.Faint));
        return lines;
    }

    private static ScreenLine Heading(TopColumns columns, TopState state, int width)
    {
        ScreenLine line = new(width);
        Column("MAPPING", columns.Name, TopSort.Name, isLeft: true);
        Column("ADDRESS", columns.Address, TopSort.Address, isLeft: false);
        Column("PERM", columns.Permissions, null, isLeft: true);
        Column("SIZE", columns.Size, TopSort.Size, isLeft: false);
        Column("RES", TopColumns.Resident, TopSort.Resident, isLeft: false);
        Column("GROWN", columns.Growth, TopSort.Growth, isLeft: false);
        Column("WRIT/s", columns.Written, TopSort.Written, isLeft: false);
        Column("TREND", columns.Trend, null, isLeft: true);
        Column("EV/s", columns.Events, TopSort.Events, isLeft: false);
        line.Add("PAGES", Ink.Heading);
        return line.Filled(Ink.Heading);

        void Column(string name, int cells, TopSort? sort, bool isLeft)
        {
            if (cells == 0)
                return;
            string text = sort == state.Sort ? name + "*" : name;
            line.Add(isLeft ? TextCells.Left(text, cells) : TextCells.Right(text, cells)).Add(" ");
        }
    }

    private ScreenLine Row(TopModel model, TopRow row, TopColumns columns, int width)
    {
        bool isGone = row.LooksGone > 0;
        Ink ink = isGone ? Ink.Gone : Ink.Plain;
        ScreenLine line = new(width);
        bool isNotSeen = row.Mapping.NotSeen is not null && !MappingText.IsClock(row.Mapping.Name);
        string name = MappingText.Name(row.Mapping.Name) + (isGone ? " (gone)" : isNotSeen ? " !" : "");
        line.Add(TextCells.Left(name, columns.Name) + " ", ink);
        Column(MappingText.Address(row.Mapping.Range.Start), columns.Address, Ink.Faint);
        Column(MappingText.Permissions(row.Mapping), columns.Permissions, Ink.Faint);
        Column(Quantities.Pages(row.SizePages), columns.Size, ink);
        Column(Quantities.Pages(row.ResidentPages), TopColumns.Resident, ink);
        string growth = row.GrowthPages > 0 ? "+" + Quantities.Pages(row.GrowthPages) : Quantities.Pages(row.GrowthPages);
        Column(row.GrowthPages == 0 ? "" : growth, columns.Growth, row.GrowthPagesPerSecond > 0 ? Ink.Warning : ink);
        string written = row.WrittenPagesPerSecond > 0 ? Quantities.Pages(row.WrittenPagesPerSecond) : "";
        Column(written, columns.Written, Ink.Value);
        Column(glyphs.Trend(row.History, columns.Trend), columns.Trend, Ink.Trend);
        Column(row.EventsPerSecond > 0 ? Quantities.Rate(row.EventsPerSecond) : "", columns.Events, Ink.Value);
        if (!isGone)
            AddHeat(line, HeatMap.Of(row.Mapping.Range, Math.Min(columns.Heat, line.Left), model.Recent));
        return line;

        void Column(string text, int cells, Ink of)
        {
            if (cells > 0)
                line.Add(TextCells.Right(text, cells) + " ", isGone ? Ink.Gone : of);
        }
    }

    internal void AddHeat(ScreenLine line, ReadOnlySpan<Heat> heat)
    {
        foreach (Heat cell in heat)
            line.Add(glyphs.Heat(cell).ToString(), Ink.HeatAbsent + (byte)cell);
    }

    private static ScreenLine Footer(TopState state, int width)
    {
        ScreenLine line = new(width);
        if (state.IsFiltering)
        {
            return line.Add("filter: ", Ink.Key).Add(TextCells.Printable(state.Filter) + "_")
                .AddAtEnd("Enter keeps it, Esc clears it", Ink.Faint);
        }

        string pause = state.IsPaused ? "go on" : "pause";
        string filter = state.Filter.Length > 0 ? "filter: " + state.Filter : "filter";
        (string Key, string Name)[] keys = state.ShowsHelp ? [("?", "close the help"), ("q", "quit")]
            : state.ShowsPages ? [("Esc", "back"), ("Up/Down", "scroll"), ("Space", pause), ("?", "help"), ("q", "quit")]
            : [("s", "sort: " + state.Sort.ToString().ToLowerInvariant()), ("/", filter), ("Enter", "pages"), ("Space", pause),
                ("?", "help"), ("q", "quit")];
        foreach ((string key, string name) in keys)
        {
            string text = TextCells.Printable(name);
            if (key.Length + text.Length + 3 <= line.Left)
                line.Add(key, Ink.Key).Add(" " + text + "  ", Ink.Faint);
        }

        return line;
    }

    private List<ScreenLine> Help(int width)
    {
        string heat = string.Concat(Enum.GetValues<Heat>().Select(each => glyphs.Heat(each)));
        string[] text =
        [
            "",
            "s S        sort by the next, the previous column (marked with *)",
            "/          show only mappings whose name, permissions or addresses contain a text",
            "Up Down    select a mapping; PageUp, PageDown, Home, End",
            "Enter      show the selected mapping page by page; Esc goes back",
            "Space p    pause: no looks at the process, until Space is pressed again",
            "q Ctrl-C   quit; the process runs on as before",
            "",
            $"PAGES      {heat[0]} not in memory  {heat[1]} in memory  {heat[2]} {heat[3]} {heat[4]} written, from a while ago to just now",
            "WRIT/s     pages written each second, in bytes; a page counts once a look",
            "GROWN      how much more of it is in memory than at the first look",
            "EV/s       mapped, unmapped, moved, protected or dropped, each second",
            "MAPPING !  not every change of it can be seen (docs/processes.md says which)",
            "mmun costs it: the estimated share of its time that looks and events hold it up; if",
            "it came above 5%, the looks come less often.",
        ];
        return [.. text.Select(line => new ScreenLine(width).Add(line))];
    }
}
