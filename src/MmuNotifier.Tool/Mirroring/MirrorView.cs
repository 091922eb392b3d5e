using System.Globalization;
using MmuNotifier.Processes.Mirroring;
using MmuNotifier.Tool.Output;
using MmuNotifier.Tool.Reporting;
using MmuNotifier.Tool.Top;

namespace MmuNotifier.Tool.Mirroring;

/// <summary>Draws the live view of <c>mmun mirror</c>. The lines depend only on the model and the size of the screen.</summary>
internal sealed class MirrorView(Glyphs glyphs)
{
    /// <summary>With fewer lines a program is not shown beside others.</summary>
    private const int LeastLines = 4;

    private static readonly TopState s_state = new() { Selected = -1 };

    /// <summary>The lines of the view; as many as are needed, and not more than there is room for.</summary>
    internal List<ScreenLine> Draw(MirrorModel model, int width, int height)
    {
        List<ScreenLine> lines = Header(model, width);
        lines.AddRange(Programs(model, width, height - lines.Count - 1));
        lines = lines[..Math.Clamp(height - 1, 0, lines.Count)];
        lines.Add(new ScreenLine(width).Add("Ctrl-C", Ink.Key).Add(" ends it and lets the program go, which runs on", Ink.Faint));
        return lines;
    }

    private List<ScreenLine> Header(MirrorModel model, int width)
    {
        if (model is not { Progress: { } progress, First: { } target })
            return [new ScreenLine(width).Add("mmun mirror", Ink.Title)];
        string clock = Quantities.Clock(progress.Elapsed);
        ScreenLine first = new ScreenLine(width).Add("mmun mirror", Ink.Title)
            .Add(string.Create(CultureInfo.InvariantCulture, $"  {target.Top.ProcessId}  "), Ink.Value);
        string others = model.Count > 1 ? string.Create(CultureInfo.InvariantCulture, $", {model.Count} programs") : "";
        first.Add(TextCells.Cut(TextCells.Printable(target.Top.Command) + others, Math.Max(0, first.Left - clock.Length - 2)));
        first.AddAtEnd(clock, Ink.Faint);
        ScreenLine second = new ScreenLine(width)
            .AddWhole(Quantities.LongPages(progress.Pages), Ink.Value, " mirrored")
            .AddWhole("  " + Quantities.LongPages(model.WrittenPagesPerSecond) + "/s", Ink.Value, " written")
            .AddWhole("  " + Quantities.Rate(model.EventsPerSecond), Ink.Value, " events/s")
            .AddWhole("  " + Quantities.Count(model.Mappings), Ink.Value, " mappings");
        ScreenLine fourth = new ScreenLine(width).Add("written ", Ink.Faint);
        fourth.Add(glyphs.Trend(model.History, fourth.Left), Ink.Trend);
        return [first, second, Verdict(model, progress, width), fourth];
    }

    private static ScreenLine Verdict(MirrorModel model, MirrorProgress progress, int width)
    {
        ScreenLine line = new(width);
        if (progress.Differing > 0)
            line.AddWhole(Words.Of(progress.Differing, "page differs", "pages differ"), Ink.Warning);
        else
            line.AddWhole(progress.Freezes > 0 ? "nothing differs" : "not compared yet", Ink.Value);
        if (progress.Freezes > 0)
        {
            line.AddWhole("; " + Words.Count(progress.Freezes, "freeze"), Ink.Faint)
                .AddWhole(", the last of " + Quantities.Milliseconds(TimeSpan.FromMilliseconds(progress.LastPauseMillis)), Ink.Faint);
        }

        return line.AddWhole("; " + Words.Count(progress.Rounds, "round"), Ink.Faint)
            .AddWhole(model.Count > 1 ? " cost each at most " : " cost it ", Ink.Faint)
            .AddWhole(Quantities.Share(model.CostShare), Ink.Value);
    }

    private List<ScreenLine> Programs(MirrorModel model, int width, int room)
    {
        if (width < TopColumns.LeastWidth)
            return [];
        int shown = Math.Min(model.Count, Math.Max(1, (room - 1) / LeastLines));
        List<ScreenLine> lines = [];
        foreach (MirroredProgram program in model.Programs.Take(shown))
        {
            int left = (room - Math.Max(1, lines.Count)) / shown--;
            List<ScreenLine> rows = new TopView(glyphs).Rows(program.Top, s_state, width, model.Count > 1 ? left : left + 1);
            if (lines.Count == 0)
                lines.Add(rows[0]);
            if (model.Count > 1)
                lines.Add(Caption(program, width));
            lines.AddRange(rows[1..]);
        }

        return lines;
    }

    private static ScreenLine Caption(MirroredProgram program, int width) => new ScreenLine(width)
        .Add(string.Create(CultureInfo.InvariantCulture, $"{program.Top.ProcessId}  "), Ink.Value)
        .Add(TextCells.Printable(program.Top.Command))
        .AddWhole("  " + Quantities.LongPages(program.Top.ResidentPages) + " resident", Ink.Faint)
        .AddWhole("  " + Quantities.LongPages(program.Top.WrittenPagesPerSecond) + "/s written", Ink.Faint);
}
