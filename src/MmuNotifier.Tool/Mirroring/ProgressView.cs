using System.Diagnostics;
using System.Globalization;
using MmuNotifier.Processes.Mirroring;
using MmuNotifier.Tool.Reporting;
using MmuNotifier.Tool.Sampling;
using MmuNotifier.Tool.Top;
using Spectre.Console;

namespace MmuNotifier.Tool.Mirroring;

/// <summary>
/// Shows how the mirror goes, on standard error: a view that is redrawn where that is a terminal, otherwise a line now and then. A program
/// that is launched writes to the same terminal, and the view would be drawn over that: so it gets lines, too.
/// </summary>
internal static class ProgressView
{
    private const int MostLines = 24;
    private static readonly TimeSpan LineInterval = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan DrawInterval = TimeSpan.FromMilliseconds(200);

    /// <summary>Whether a session with such options shows its looks on this console.</summary>
    internal static bool IsLive(MirrorOptions options, IAnsiConsole console) =>
        options.ProcessId is not null && console.Profile.Capabilities is { Interactive: true, Ansi: true };

    /// <summary>Runs the session to its end and shows it on the way.</summary>
    /// <param name="session">Has begun.</param>
    /// <param name="console">Standard error.</param>
    /// <param name="cost">For the view; null for lines.</param>
    /// <param name="stop">Ends it.</param>
    internal static void Run(MirrorSession session, IAnsiConsole console, RoundCost? cost, CancellationToken stop)
    {
        if (cost is not null)
            RunLive(session, console, cost, stop);
        else
            session.Run(new Throttle(LineInterval).Wrap(() => console.WriteLine(Line(session.GetProgress()))), stop);
    }

    private static void RunLive(MirrorSession session, IAnsiConsole console, RoundCost cost, CancellationToken stop)
    {
        var model = new MirrorModel(cost);
        var view = new MirrorView(Glyphs.For(Environment.GetEnvironmentVariable));
        console.Live(Look()).AutoClear(true).Start(context =>
            session.Run(new Throttle(DrawInterval).Wrap(() => context.UpdateTarget(Look())), stop));

        ScreenText Look()
        {
            model.Add(session.TakeLooks(), session.GetProgress());
            // The last line of the terminal stays free for the cursor.
            return new ScreenText(view.Draw(model, console.Profile.Width, Math.Min(console.Profile.Height - 1, MostLines)));
        }
    }

    private static string Line(MirrorProgress progress) => string.Create(
        CultureInfo.InvariantCulture,
        $"mmun: {progress.Elapsed.TotalSeconds:F1} s: {Mirrored(progress)} mirrored of "
            + $"{Words.Of(progress.Processes, "process", "processes")}; "
            + $"{progress.Unmaps} unmap, {progress.Clears} clear, {progress.Forks} fork, {Words.Count(progress.Written, "range")} written; "
            + $"{Words.Count(progress.Rounds, "round")}, {Words.Of(progress.Retries, "retry", "retries")}; "
            + $"{Words.Count(progress.Freezes, "freeze")}, last stopped for {progress.LastPauseMillis:F1} ms; "
            + $"{progress.Differing} differing");

    private static string Mirrored(MirrorProgress progress) =>
        string.Create(CultureInfo.InvariantCulture, $"{(progress.Pages * 4096) / (1024.0 * 1024):F1} MiB");

    private sealed class Throttle(TimeSpan interval)
    {
        private long _last = Stopwatch.GetTimestamp();

        internal Action Wrap(Action show) => () =>
        {
            if (Stopwatch.GetElapsedTime(_last) < interval)
                return;
            _last = Stopwatch.GetTimestamp();
            show();
        };
    }
}
