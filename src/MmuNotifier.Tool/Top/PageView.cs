using System.Globalization;
using MmuNotifier.Tool.Output;
using MmuNotifier.Tool.Reporting;
using MmuNotifier.Tool.Sampling;

namespace MmuNotifier.Tool.Top;

/// <summary>Draws one mapping page by page, and its last events.</summary>
internal sealed class PageView(Glyphs glyphs)
{
    private const int AddressCells = 14;
    private const int MostEvents = 5;

    internal List<ScreenLine> Draw(TopModel model, TopState state, int width, int room)
    {
        if (model.Rows.FirstOrDefault(each => each.Id == state.Selected) is not { } row)
            return [new ScreenLine(width).Add("The mapping is gone.", Ink.Faint)];
        List<ScreenLine> lines = [Title(row, width), Events(row, width)];
        if (row.Mapping.NotSeen is { } reason)
            lines.Add(new ScreenLine(width).Add("Not every change is seen: " + TextCells.Printable(reason), Ink.Warning));
        List<ScreenLine> last = [.. row.RecentEvents.TakeLast(MostEvents).Select(each => Event(each, width))];
        int perLine = PagesPerLine(width);
        long lineCount = LineCount(row, width);
        int shown = Math.Max(1, room - lines.Count - last.Count);
        long first = Math.Clamp(state.PageLine, 0, Math.Max(0, lineCount - shown));
        for (long i = first; i < lineCount && i < first + shown; i++)
            lines.Add(Pages(model, row, i * perLine, perLine, width));
        lines.AddRange(last);
        return lines;
    }

    /// <summary>A power of two, so that addresses are round.</summary>
    private static int PagesPerLine(int width) => 1 << (int)Math.Log2(Math.Max(16, width - AddressCells - 1));

    /// <summary>How many lines all pages of a mapping take.</summary>
    private static long LineCount(TopRow row, int width) => (row.SizePages + PagesPerLine(width) - 1) / PagesPerLine(width);

    /// <summary>Keeps the pages from being scrolled beyond their end.</summary>
    internal static TopState Clamp(TopState state, TopModel model, int width)
    {
        if (!state.ShowsPages || model.Rows.FirstOrDefault(each => each.Id == state.Selected) is not { } row)
            return state;
        long last = Math.Max(0, LineCount(row, width) - 1);
        return state.PageLine <= last ? state : state with { PageLine = (int)last };
    }

    private static ScreenLine Title(TopRow row, int width) => new ScreenLine(width)
        .Add(MappingText.Name(row.Mapping.Name), Ink.Title)
        .Add($"  {MappingText.Permissions(row.Mapping)}  {MappingText.Address(row.Mapping.Range.Start)}-"
            + $"{MappingText.Address(row.Mapping.Range.Last)}", Ink.Faint)
        .Add($"  {Quantities.Pages(row.ResidentPages)} of {Quantities.Pages(row.SizePages)} in memory")
        .Add($"  {Quantities.LongPages(row.WrittenPagesPerSecond)}/s written", Ink.Value);

    private static ScreenLine Events(TopRow row, int width) => new ScreenLine(width).Add(
        string.Create(
            CultureInfo.InvariantCulture,
            $"{row.Events.Mapped} mapped, {row.Events.Unmapped} unmapped, {row.Events.Moved} moved, {row.Events.Protected} protected, ")
        + string.Create(CultureInfo.InvariantCulture, $"{row.Events.Dropped} dropped; one character is a page of 4 KiB"),
        Ink.Faint);

    private static ScreenLine Event(MemoryEvent memoryEvent, int width)
    {
        string to = memoryEvent.Kind == MemoryEventKind.Moved ? " to " + MappingText.Address(memoryEvent.Destination) : "";
        string time = memoryEvent.At.TotalSeconds.ToString("0.000", CultureInfo.InvariantCulture);
        return new ScreenLine(width)
            .Add($"{time,10} s  ", Ink.Faint)
            .Add(memoryEvent.Kind.ToString().ToLowerInvariant(), Ink.Value)
            .Add($" {MappingText.Address(memoryEvent.Range.Start)} {Quantities.Pages(MemorySample.PagesIn(memoryEvent.Range))}{to}");
    }

    private ScreenLine Pages(TopModel model, TopRow row, long firstPage, int perLine, int width)
    {
        ulong start = row.Mapping.Range.Start + ((ulong)firstPage << MemorySample.PageShift);
        ulong last = Math.Min(row.Mapping.Range.Last, start + ((ulong)perLine << MemorySample.PageShift) - 1);
        ScreenLine line = new ScreenLine(width).Add(TextCells.Right(MappingText.Address(start), AddressCells - 1) + " ", Ink.Faint);
        new TopView(glyphs).AddHeat(line, HeatMap.Of(new AddressRange(start, last), perLine, model.Recent));
        return line;
    }
}
