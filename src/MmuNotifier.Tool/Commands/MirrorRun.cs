using System.Text.Json;
using MmuNotifier.Processes;
using MmuNotifier.Processes.Mirroring;
using MmuNotifier.Tool.Mirroring;
using MmuNotifier.Tool.Reporting;
using MmuNotifier.Tool.Sampling;
using Spectre.Console;

namespace MmuNotifier.Tool.Commands;

/// <summary>Carries <c>mmun mirror</c> out: signals, progress, report, exit code.</summary>
internal static class MirrorRun
{
    internal static int Execute(MirrorOptions options, bool json, bool verbose)
    {
        bool passesOn = options.ProcessId is null && options.VerifyEvery is null;
        using var signals = new MirrorSignals(passesOn ? ExitCodes.OwnFailure : ExitCodes.Impossible);
        MirrorReport report;
        try
        {
            IAnsiConsole console = ConsoleOn(Console.Error);
            TimeSpan firstWriteCost = FirstWriteCost.Measure();
            options = options with { FirstWriteCost = firstWriteCost, KeepsLooks = ProgressView.IsLive(options, console) };
            using var session = new MirrorSession(options, signals.End);
            signals.PassPausesTo(session);
            session.Begin();
            ProgressView.Run(session, console, options.KeepsLooks ? new RoundCost(firstWriteCost) : null, signals.End);
            session.LetGo();
            report = NothingCompared.AddTo(session.GetReport());
        }
        catch (ProcessAttachException refusal)
        {
            Console.Error.WriteLine($"mmun: {refusal.Message}");
            return passesOn ? LaunchFailure.CodeOf(options.Program[0]) : ExitCodes.Impossible;
        }

        if (json)
            Console.Out.WriteLine(JsonSerializer.Serialize(report, ReportJson.Default.MirrorReport));
        else
            ReportText.Write(ConsoleOn(Console.Out), report, verbose);
        int exitCode = MirrorExitCode.Of(report, passesOn, mustCompare: options.VerifyEvery is not null, out string? line);
        if (line is not null)
            Console.Error.WriteLine($"mmun: {line}");
        return exitCode;
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
