using Spectre.Console;
using Spectre.Console.Rendering;

namespace MmuNotifier.Tool.Top;

/// <summary>Lines of a screen, for a console that gives them as many colours as it has.</summary>
internal sealed class ScreenText(IReadOnlyList<ScreenLine> lines) : IRenderable
{
    public Measurement Measure(RenderOptions options, int maxWidth) => new(0, maxWidth);

    public IEnumerable<Segment> Render(RenderOptions options, int maxWidth)
    {
        for (int i = 0; i < lines.Count; i++)
        {
            foreach ((string text, Ink ink) in lines[i].Pieces)
                yield return new Segment(text, StyleOf(ink));
            if (i < lines.Count - 1)
                yield return Segment.LineBreak;
        }
    }

    private static Style StyleOf(Ink ink) => ink switch
    {
        Ink.Faint => new Style(new Color(128, 138, 150)),
        Ink.Title => new Style(new Color(97, 175, 239), decoration: Decoration.Bold),
        Ink.Value => new Style(decoration: Decoration.Bold),
        Ink.Warning => new Style(new Color(229, 192, 123), decoration: Decoration.Bold),
        Ink.Heading => new Style(new Color(220, 225, 232), new Color(48, 62, 84), Decoration.Bold),
        Ink.Selected => new Style(decoration: Decoration.Invert),
        Ink.Key => new Style(new Color(97, 175, 239), decoration: Decoration.Bold),
        Ink.Gone => new Style(new Color(110, 110, 118)),
        Ink.HeatAbsent => new Style(new Color(92, 99, 112)),
        Ink.HeatCold => new Style(new Color(78, 110, 150)),
        Ink.HeatCool => new Style(new Color(120, 150, 90)),
        Ink.HeatWarm => new Style(new Color(224, 160, 60)),
        Ink.HeatHot => new Style(new Color(235, 87, 72)),
        Ink.Trend => new Style(new Color(86, 182, 194)),
        _ => Style.Plain,
    };
}
