using System.Globalization;
using Microsoft.Win32.SafeHandles;
using MmuNotifier.Processes;
using MmuNotifier.Tool.Commands;

namespace MmuNotifier.Tool.Core;

/// <summary>Carries <c>mmun core</c> out: signals, what is printed, exit code.</summary>
internal static class CoreRun
{
    private const int StandardOutput = 1;

    internal static int Execute(CoreRequest request)
    {
        using var signals = new CoreSignals(request.OnSignal);
        try
        {
            ProcessWatcher.RequireSupport(KernelProbe.Run());
            using var watcher = new ProcessWatcher(signals.End);
            CoreRehearsal.Run(watcher);
            if (request.Every is not null)
                return CoreSeries.Run(request, watcher, signals);
            if (request.ProcessId is { } processId)
                Take(request, watcher, processId, "", signals.End);
            else
                Launch(request, watcher, signals);
            return ExitCodes.Success;
        }
        catch (Exception exception) when (exception is ProcessAttachException or CoreException)
        {
            Console.Error.WriteLine($"mmun: {exception.Message}");
        }
        catch (OperationCanceledException)
        {
            Console.Error.WriteLine("mmun: It was asked to end, and no core was written.");
        }

        return ExitCodes.Impossible;
    }

    /// <summary>Runs a program, and takes its core when it is time and at each signal, until it ends or mmun is to end.</summary>
    private static void Launch(CoreRequest request, ProcessWatcher watcher, CoreSignals signals)
    {
        using LaunchedProgram launched = watcher.LaunchUnwatched(
            request.Program[0], [.. request.Program.Skip(1)], request.IsToStandardOutput);
        long begin = System.Diagnostics.Stopwatch.GetTimestamp();
        TimeSpan? due = request.After;
        int taken = 0;
        while (launched.WaitForExit(CoreSignals.LookInterval) is null)
        {
            if (signals.End.IsCancellationRequested && taken > 0)
                return;
            signals.End.ThrowIfCancellationRequested();
            bool isDue = System.Diagnostics.Stopwatch.GetElapsedTime(begin) >= due;
            if (!signals.TakeAsked() && !isDue)
                continue;
            due = isDue ? null : due;
            string suffix = taken++ == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $".{taken}");
            Take(request, watcher, launched.ProcessId, suffix, signals.End);
        }

        if (taken == 0)
            throw new CoreException($"{request.Program[0]} has ended before its core was to be taken.");
    }

    private static void Take(CoreRequest request, ProcessWatcher watcher, int processId, string suffix, CancellationToken stop)
    {
        string path = request.PathOf(processId) + suffix;
        using var tree = new CoreTree(
            watcher,
            request.Options,
            request.IsToStandardOutput ? null : path,
            hasNames: true,
            request.WithChildren,
            stop.ThrowIfCancellationRequested);
        List<CoreResult> results = tree.Take(processId);
        foreach (string line in tree.LeftOut)
            Console.Error.WriteLine($"mmun: {line}");
        foreach (CoreResult result in results)
            HandOver(request, result, tree.Members.Single(member => member.Watch.ProcessId == result.Report.ProcessId));
    }

    private static void HandOver(CoreRequest request, CoreResult result, CoreMember member)
    {
        if (request.IsToStandardOutput)
        {
            using var pipe = new SafeFileHandle(StandardOutput, ownsHandle: false);
            result.Writer.SendTo(pipe);
        }
        else
        {
            member.File.Publish();
            TellHowToOpen(result, member, member.Path);
        }

        Report(result.Report, request.IsToStandardOutput ? "The core" : member.Path);
    }

    internal static void TellHowToOpen(CoreResult result, CoreMember member, string path) =>
        Console.Out.WriteLine(OpenCommand.For(result.Report.ProcessId, member.Watch.Mappings.Select(each => each.Mapping), path));

    /// <summary>On standard error, because standard output may be the core.</summary>
    internal static void Report(CoreReport result, string name)
    {
        foreach (string warning in result.Warnings)
            Console.Error.WriteLine($"mmun: {warning}");
        string stops = result.Stops > 1 ? $", the last of {result.Stops} stops" : "";
        Console.Error.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{name}: process {result.ProcessId}, {result.Threads} threads, {result.Segments} segments, stopped for about "
                + $"{result.Stop.TotalMilliseconds:0.0} ms{stops} ({result.PagesCopiedStopped} pages copied meanwhile, "
                + $"{result.PagesCopiedRunning} before){(result.Moment is null ? "" : $", {result.Moment}")}."));
    }
}
