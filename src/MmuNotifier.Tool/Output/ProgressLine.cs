using System.Diagnostics;

namespace MmuNotifier.Tool.Output;

/// <summary>
/// Says on standard error how far a command is that takes longer than a second: one line, written over again and again, which is gone when
/// the command ends. Only where standard error is a terminal.
/// </summary>
internal sealed class ProgressLine : IDisposable
{
    private const string Erase = "\r\u001b[K";
    private const int Narrowest = 20;
    private const int UsualWidth = 80;

    private static readonly TimeSpan s_begin = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_interval = TimeSpan.FromMilliseconds(250);

    private readonly Lock _lock = new();
    private readonly Func<TimeSpan, string> _describe;
    private readonly TextWriter _error;
    private readonly long _start = Stopwatch.GetTimestamp();
    private readonly ITimer _timer;
    private bool _isShown;
    private bool _isOver;

    private ProgressLine(Func<TimeSpan, string> describe, TextWriter error, TimeProvider time)
    {
        _describe = describe;
        _error = error;
        _timer = time.CreateTimer(static line => ((ProgressLine)line!).Show(), this, s_begin, s_interval);
    }

    /// <summary>Begins; nothing is shown in the first second.</summary>
    /// <param name="describe">Given the time since the beginning, a short text; called on another thread, and never by two at once.</param>
    /// <returns>Null if standard error is no terminal.</returns>
    internal static ProgressLine? Begin(Func<TimeSpan, string> describe) => Console.IsErrorRedirected || IsDumb
        ? null
        : Begin(describe, Console.Error, TimeProvider.System);

    /// <summary>As <see cref="Begin(Func{TimeSpan, string})"/>, on a writer that stands for a terminal.</summary>
    internal static ProgressLine Begin(Func<TimeSpan, string> describe, TextWriter error, TimeProvider time) => new(describe, error, time);

    /// <summary>Takes the line away and writes another one to standard output.</summary>
    internal static void Print(ProgressLine? progress, string line)
    {
        if (progress is null)
        {
            Console.WriteLine(line);
            return;
        }

        lock (progress._lock)
        {
            progress.TakeAway();
            Console.WriteLine(line);
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _isOver = true;
            TakeAway();
        }

        _timer.Dispose();
    }

    private static bool IsDumb => Environment.GetEnvironmentVariable("TERM") is null or "dumb";

    private void Show()
    {
        lock (_lock)
        {
            if (_isOver)
                return;
            string text = "mmun: " + _describe(Stopwatch.GetElapsedTime(_start));
            int width = Math.Max(Narrowest, Width) - 1;
            try
            {
                _error.Write(Erase + (text.Length <= width ? text : text[..width]));
                _isShown = true;
            }
            catch (OutputLostException)
            {
                _isOver = true; // Who takes the terminal away does not want to see it; the command goes on.
            }
        }
    }

    private static int Width
    {
        get
        {
            try
            {
                int width = Console.WindowWidth;
                return width > 0 ? width : UsualWidth; // 0: the terminal does not know.
            }
            catch (IOException)
            {
                return UsualWidth;
            }
        }
    }

    private void TakeAway()
    {
        if (!_isShown)
            return;
        _isShown = false;
        _error.Write(Erase);
    }
}
