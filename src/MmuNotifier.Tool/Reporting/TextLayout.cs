using Spectre.Console;

namespace MmuNotifier.Tool.Reporting;

/// <summary>Lines of a report on a console: words are wrapped at its width; addresses and names are not broken.</summary>
internal sealed class TextLayout(IAnsiConsole console)
{
    private const int FactColumn = 12;

    internal void Blank() => console.Profile.Out.Writer.WriteLine();

    /// <summary>The first word of a paragraph in a colour, where there are colours.</summary>
    internal void Verdict(string word, Color color, string rest)
    {
        string[] lines = Words.Wrap($"{word}: {rest}", console.Profile.Width - 1);
        console.Write(new Text(word, new Style(color, decoration: Decoration.Bold)));
        Raw(lines[0][word.Length..]);
        foreach (string line in lines[1..])
            Raw(line);
    }

    /// <summary>A heading of a part, after an empty line.</summary>
    internal void Heading(string heading)
    {
        Blank();
        Paragraph(heading, indent: 0);
    }

    /// <summary>A line with a name; none if there is nothing to say.</summary>
    internal void Fact(string name, string value)
    {
        if (value.Length == 0)
            return;
        string[] lines = Words.Wrap(value, console.Profile.Width - FactColumn - 1);
        Raw("  " + name.PadRight(FactColumn - 2) + lines[0]);
        foreach (string line in lines[1..])
            Raw(new string(' ', FactColumn) + line);
    }

    /// <summary>Words, wrapped.</summary>
    internal void Paragraph(string words, int indent)
    {
        foreach (string line in Words.Wrap(words, console.Profile.Width - indent - 1))
            Raw(new string(' ', indent) + line);
    }

    /// <summary>A line as it is, however long.</summary>
    internal void Raw(string line) => console.Profile.Out.Writer.WriteLine(line);
}
