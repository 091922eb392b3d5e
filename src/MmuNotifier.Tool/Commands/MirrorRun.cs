using System.Text.Json;
using MmuNotifier.Processes;
using MmuNotifier.Tool.Mirror;
using MmuNotifier.Tool.Reporting;
using Spectre.Console;

namespace MmuNotifier.Tool.Commands;

/// <summary>Carries <c>mmun mirror</c> out: signals, progress, report, exit code.</summary>
internal static class MirrorRun
{
    internal static int Execute(MirrorOptions options)
    {
        using var signals = new MirrorSignals();
        MirrorReport report;
        try
        {
            using var session = new MirrorSession(options, signals.Interruption);
            session.Begin();
            ProgressView.Run(session, ConsoleOn(Console.Error), signals.Interruption.End);
            session.LetGo();
            report = ReportBuilder.Build(session);
        }
        catch (ProcessAttachException refusal)
        {
            Console.Error.WriteLine($"mmun: {refusal.Message}");
            return ExitCodes.Impossible;
        }

        if (options.Json)
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
