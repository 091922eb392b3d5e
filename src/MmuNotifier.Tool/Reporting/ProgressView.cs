using System.Diagnostics;
using System.Globalization;
using MmuNotifier.Processes.Mirroring;
using Spectre.Console;

namespace MmuNotifier.Tool.Reporting;

/// <summary>
/// Shows how the mirror goes, on standard error: a table that is redrawn where that is a terminal, otherwise a line now and then. The
/// target may write to the same terminal.
/// </summary>
internal static class ProgressView
{
    private static readonly TimeSpan LineInterval = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan DrawInterval = TimeSpan.FromMilliseconds(200);

    /// <summary>Runs the session to its end and shows it on the way.</summary>
    internal static void Run(MirrorSession session, IAnsiConsole console, CancellationToken stop)
    {
        if (console.Profile.Capabilities.Interactive && console.Profile.Capabilities.Ansi)
            RunLive(session, console, stop);
        else
            session.Run(new Throttle(LineInterval).Wrap(() => console.WriteLine(Line(session.GetProgress()))), stop);
    }

    private static void RunLive(MirrorSession session, IAnsiConsole console, CancellationToken stop) =>
        console.Live(Draw(session.GetProgress())).AutoClear(true).Start(context =>
            session.Run(new Throttle(DrawInterval).Wrap(() => context.UpdateTarget(Draw(session.GetProgress()))), stop));

    private static Table Draw(MirrorProgress progress)
    {
        Table table = new Table().Title("mmun mirror").HideHeaders().AddColumns("what", "value");
        table.AddRow("mirrored", Mirrored(progress));
        table.AddRow("processes", Text(progress.Processes));
        table.AddRow("rounds", Text(progress.Rounds));
        table.AddRow("unmap", Text(progress.Unmaps));
        table.AddRow("clear", Text(progress.Clears));
        table.AddRow("fork", Text(progress.Forks));
        table.AddRow("written", Text(progress.Written));
        table.AddRow("retries", Text(progress.Retries));
        table.AddRow("freezes", Text(progress.Freezes));
        table.AddRow("last catch-up", Millis(progress.LastCatchUpMillis));
        table.AddRow("last pause", Millis(progress.LastPauseMillis));
        table.AddRow("differing pages", Text(progress.Differing));
        return table.Caption(
            string.Create(CultureInfo.InvariantCulture, $"{progress.Elapsed.TotalSeconds:F0} s; Ctrl-C ends it and releases the target"));
    }

    private static string Line(MirrorProgress progress) => string.Create(
        CultureInfo.InvariantCulture,
        $"mmun: {progress.Elapsed.TotalSeconds:F1} s: {Mirrored(progress)} mirrored of {progress.Processes} processes; "
            + $"{progress.Unmaps} unmap, {progress.Clears} clear, {progress.Forks} fork, {progress.Written} written; "
            + $"{progress.Rounds} rounds, {progress.Retries} retries; {progress.Freezes} freezes, "
            + $"last paused {progress.LastPauseMillis:F1} ms; {progress.Differing} differing");

    private static string Mirrored(MirrorProgress progress) =>
        string.Create(CultureInfo.InvariantCulture, $"{(progress.Pages * 4096) / (1024.0 * 1024):F1} MiB");

    private static string Text(long value) => value.ToString(CultureInfo.InvariantCulture);

    private static string Millis(double value) => value.ToString("F1", CultureInfo.InvariantCulture) + " ms";

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
