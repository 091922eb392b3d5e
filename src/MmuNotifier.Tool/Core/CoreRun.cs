using System.Globalization;
using Microsoft.Win32.SafeHandles;
using MmuNotifier.Processes;
using MmuNotifier.Processes.Cores;
using MmuNotifier.Processes.Watching;
using MmuNotifier.Tool.Commands;

namespace MmuNotifier.Tool.Core;

/// <summary>Carries <c>mmun core</c> out: signals, what is printed, exit code.</summary>
internal static class CoreRun
{
    private const int StandardOutput = 1;

    internal static int Execute(CoreRequest request)
    {
        using var signals = new CoreSignals();
        try
        {
            ProcessWatcher.RequireSupport(KernelProbe.Run());
            using var watcher = new ProcessWatcher(signals.End);
            Take(request, watcher, signals.End);
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

    private static void Take(CoreRequest request, ProcessWatcher watcher, CancellationToken stop)
    {
        int processId = request.ProcessId!.Value;
        string path = request.Output ?? string.Create(CultureInfo.InvariantCulture, $"core.{processId}");
        // Before the process is touched: a folder that is missing or full is no reason to.
        using CoreFile file = request.IsToStandardOutput ? CoreFile.CreateUnnamed(Path.GetTempPath()) : CoreFile.Create(path);
        WatchedProcess watch = watcher.Attach(processId);
        using var taking = new CoreTaking(watcher, OptionsOf(request), stop.ThrowIfCancellationRequested);
        try
        {
            taking.Add(watch, file);
            taking.Capture();
        }
        finally
        {
            watcher.Release(watch);
        }

        CoreResult result = taking.Finish()[0];
        if (request.IsToStandardOutput)
        {
            using var pipe = new SafeFileHandle(StandardOutput, ownsHandle: false);
            result.Writer.SendTo(pipe);
        }
        else
        {
            file.Publish();
        }

        Report(request, result, path, watch.Mappings);
    }

    private static CoreOptions OptionsOf(CoreRequest request) => new()
    {
        MaxStop = request.MaxStop,
        MaxThrottle = request.MaxThrottle,
        IncludesExcluded = request.IncludesExcluded,
    };

    /// <summary>On standard error, because standard output may be the core.</summary>
    private static void Report(CoreRequest request, CoreResult result, string path, IReadOnlyList<WatchedMapping> mappings)
    {
        foreach (string warning in result.Warnings)
            Console.Error.WriteLine($"mmun: {warning}");
        string name = request.IsToStandardOutput ? "The core" : path;
        Console.Error.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{name}: process {result.ProcessId}, {result.Threads} threads, {result.Segments} segments, stopped for about "
                + $"{result.Stop.TotalMilliseconds:0.0} ms ({result.PagesCopiedStopped} pages copied meanwhile, "
                + $"{result.PagesCopiedRunning} before)."));
        if (!request.IsToStandardOutput)
            Console.Out.WriteLine(OpenCommand.For(result.ProcessId, mappings.Select(mapping => mapping.Mapping), path));
    }
}
