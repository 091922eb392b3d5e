using System.Globalization;
using Microsoft.Win32.SafeHandles;
using MmuNotifier.Processes;
using MmuNotifier.Tool.Commands;
using MmuNotifier.Tool.Output;
using MmuNotifier.Tool.Reporting;

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
            LiveProcess.WarmUp();
            using var taker = new CoreTaker(request.Options, request.WithChildren, signals.End);
            if (request.Every is not null)
                return RepeatedCores.Run(request, taker, signals);
            if (request.ProcessId is { } processId)
                Take(request, taker, processId, "");
            else
                Launch(request, taker, signals);
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
    private static void Launch(CoreRequest request, CoreTaker taker, CoreSignals signals)
    {
        using LaunchedProgram launched = taker.Launch(
            request.Program[0],
            [.. request.Program.Skip(1)],
            request.IsToStandardOutput ? ProgramStreams.OutputToError : ProgramStreams.Inherited);
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
            Take(request, taker, launched.ProcessId, suffix);
        }

        if (taken == 0)
            throw new CoreException($"{request.Program[0]} has ended before its core was to be taken.");
    }

    private static void Take(CoreRequest request, CoreTaker taker, int processId, string suffix)
    {
        using ProgressLine? progress = ProgressLine.Begin(elapsed => string.Create(
            CultureInfo.InvariantCulture, $"copying the memory of process {processId}: {elapsed.TotalSeconds:F0} s"));
        if (request.IsToStandardOutput)
        {
            using var pipe = new SafeFileHandle(StandardOutput, ownsHandle: false);
            CoreReport sent = taker.Send(processId, pipe);
            progress?.Dispose();
            Describe(sent, "The core");
            return;
        }

        bool isFirst = true;
        taker.Write(processId, request.PathOf(processId) + suffix, report =>
        {
            progress?.Dispose();
            if (isFirst)
                NameLeftOut(taker.LeftOut);
            isFirst = false;
            Report(report);
        });
    }

    internal static void NameLeftOut(IReadOnlyList<string> leftOut)
    {
        foreach (string line in leftOut)
            Console.Error.WriteLine($"mmun: {line}");
    }

    /// <summary>Says how to open a core, and what there is to say of it.</summary>
    internal static void Report(CoreReport report)
    {
        Console.Out.WriteLine(OpenCommand.For(report));
        Describe(report, report.Path!);
    }

    /// <summary>On standard error, because standard output may be the core.</summary>
    private static void Describe(CoreReport result, string name)
    {
        foreach (string warning in result.Warnings)
            Console.Error.WriteLine($"mmun: {warning}");
        string stops = result.Stops > 1 ? $", the last of {result.Stops} stops" : "";
        Console.Error.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{name}: process {result.ProcessId}, {Words.Count(result.Threads, "thread")}, {result.Segments} segments, "
                + $"stopped for about {result.Stop.TotalMilliseconds:0.0} ms{stops} ({result.PagesCopiedStopped} pages copied meanwhile, "
                + $"{result.PagesCopiedRunning} before){(result.Moment is null ? "" : $", {result.Moment}")}."));
    }
}
