using System.Text.Json;
using MmuNotifier.Processes;
using MmuNotifier.Processes.Mirroring;
using MmuNotifier.Tool.Reporting;
using Spectre.Console;

namespace MmuNotifier.Tool.Commands;

/// <summary>Carries <c>mmun mirror</c> out: signals, progress, report, exit code.</summary>
internal static class MirrorRun
{
    internal static int Execute(MirrorOptions options, bool json)
    {
        using var signals = new MirrorSignals();
        MirrorReport report;
        try
        {
            using var session = new MirrorSession(options, signals.End);
            signals.PassPausesTo(session);
            session.Begin();
            ProgressView.Run(session, ConsoleOn(Console.Error), signals.End);
            session.LetGo();
            report = NothingCompared.AddTo(session.GetReport());
        }
        catch (ProcessAttachException refusal)
        {
            Console.Error.WriteLine($"mmun: {refusal.Message}");
            return ExitCodes.Impossible;
        }

        if (json)
            Console.Out.WriteLine(JsonSerializer.Serialize(report, ReportJson.Default.MirrorReport));
        else
            ReportText.Write(ConsoleOn(Console.Out), report);
        if (report.PagesDiffering > 0 || report.EventsLost > 0)
            return ExitCodes.Differs;
        if (options.VerifyEvery is null || report.PagesCompared > 0)
            return ExitCodes.Success;
        Console.Error.WriteLine($"mmun: {NothingCompared.Explain(report)}");
        return ExitCodes.Impossible;
    }

    private static IAnsiConsole ConsoleOn(TextWriter writer)
    {
        bool isTerminal = ReferenceEquals(writer, Console.Error) ? !Console.IsErrorRedirected : !Console.IsOutputRedirected;
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new AnsiConsoleOutput(writer),
            Ansi = isTerminal ? AnsiSupport.Detect : AnsiSupport.No,
            Interactive = isTerminal ? InteractionSupport.Detect : InteractionSupport.No,
        });
        if (!isTerminal)
            console.Profile.Width = WidthOfFiles;
        return console;
    }

    /// <summary>Wide enough that no line of a report in a file is broken.</summary>
    private const int WidthOfFiles = 240;
}
