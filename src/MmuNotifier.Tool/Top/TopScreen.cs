using System.Globalization;
using System.Text;
using Spectre.Console;

namespace MmuNotifier.Tool.Top;

/// <summary>Turns lines into what a terminal understands, with as many colours as it has.</summary>
internal sealed class TopScreen
{
    /// <summary>For when the size has changed: a terminal may have broken the lines.</summary>
    internal const string Clear = "\e[2J";

    private const string BeginUpdate = "\e[?2026h", EndUpdate = "\e[?2026l", ClearToEndOfLine = "\e[K";

    private readonly StringBuilder _screen = new();
    private readonly IAnsiConsole _console;

    /// <param name="isColoured">False where NO_COLOR is set: then only bold and reverse are used.</param>
    /// <param name="colours">How many colours the terminal has.</param>
    internal TopScreen(bool isColoured, ColorSystemSupport colours = ColorSystemSupport.Detect)
    {
        _console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = AnsiSupport.Yes,
            ColorSystem = isColoured ? colours : ColorSystemSupport.NoColors,
            Interactive = InteractionSupport.No,
            Out = new AnsiConsoleOutput(new StringWriter(_screen, CultureInfo.InvariantCulture)),
        });
    }

    /// <summary>Whether the environment permits colours (https://no-color.org).</summary>
    internal static bool IsColoured(Func<string, string?> variable) => string.IsNullOrEmpty(variable("NO_COLOR"));

    /// <summary>A whole screen in one piece.</summary>
    internal string Draw(IReadOnlyList<ScreenLine> lines)
    {
        StringBuilder screen = _screen.Clear().Append(BeginUpdate);
        _console.Profile.Width = int.MaxValue / 2;
        for (int i = 0; i < lines.Count; i++)
        {
            screen.Append(CultureInfo.InvariantCulture, $"\e[{i + 1};1H");
            _console.Write(new ScreenText([lines[i]]));
            screen.Append("\e[0m").Append(ClearToEndOfLine);
        }

        screen.Append(EndUpdate);
        return screen.ToString();
    }
}
