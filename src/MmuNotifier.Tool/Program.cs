using System.CommandLine;
using MmuNotifier.Tool.CommandLine;
using MmuNotifier.Tool.CommandLine.Scripts;
using MmuNotifier.Tool.Commands;
using MmuNotifier.Tool.Core;
using MmuNotifier.Tool.Lab;
using MmuNotifier.Tool.Output;
using MmuNotifier.Tool.Recording;
using MmuNotifier.Tool.Reports;
using MmuNotifier.Tool.Top;

var root = new ToolRoot(
    "mmun: watches the memory of live processes: mirrors it, writes core files of it, and serves it to devices.",
    [
        new("mmun mirror --verify 1 -- PROGRAM ARGS...", "mirror a program's memory, and compare it every second"),
        new("mmun core -p 4711 -o service.core", "write a core file of a process that keeps running"),
        new("mmun help mirror", "what a command does, its options, its exit codes"),
    ],
    [
        new("0", "done, and nothing is wrong"),
        new("1", "what the command checks is wrong"),
        ExitCodeLine.Refused,
    ])
{
    MirrorCommand.Create(),
    CoreCommand.Create(),
    TopCommand.Create(),
    RecordCommand.Create(),
    ReportCommand.Create(),
    DeviceCommand.Create(),
    ChurnCommand.Create(),
    LabCommand.Create(),
    HelpCommand.Create(),
    CompletionCommand.Create(),
    ManCommand.Create(),
};
HelpPage.AddTo(root);
ParseResult parsed = root.Parse(args);
return await StandardStreams.RunAsync(
    UsageError.FailureCodeOf(parsed),
    async () => UsageError.Report(parsed) ?? await parsed.InvokeAsync(new InvocationConfiguration
    {
        EnableDefaultExceptionHandler = false,
        ProcessTerminationTimeout = null,
        Output = Console.Out,
        Error = Console.Error,
    }).ConfigureAwait(false)).ConfigureAwait(false);
