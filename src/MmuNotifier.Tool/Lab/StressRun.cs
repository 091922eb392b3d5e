using System.Globalization;
using MmuNotifier.Hmm;
using MmuNotifier.Hmm.Drivers;
using MmuNotifier.Hmm.Drivers.Stress;
using MmuNotifier.Simulation;
using MmuNotifier.Tool.Commands;
using MmuNotifier.Tool.Output;

namespace MmuNotifier.Tool.Lab;

/// <summary>Does what <c>mmun lab stress</c> is asked for.</summary>
internal static class StressRun
{
    internal static int Execute(string driver, string backend, StressOptions options)
    {
        bool isWrong = false;
        using var interruption = new Interruption();
        foreach (string name in driver == "all" ? ReferenceDrivers.Names : [driver])
        {
            StressResult result;
            long staleAccesses;
            using ProgressLine? progress = ProgressLine.Begin(elapsed => string.Create(
                CultureInfo.InvariantCulture, $"{name}: {elapsed.TotalSeconds:F0} of at most {options.Duration!.Value.TotalSeconds:F0} s"));
            try
            {
                using VirtualMemory memory = MemoryBackend.CreateKeeping(backend);
                result = DriverStress.Run(
                    memory, (space, range) => ReferenceDrivers.Attach(name, space, range), options, interruption.Asked);
                staleAccesses = (memory as SimulatedMemory)?.Machine.StaleFrameAccesses ?? 0;
            }
            catch (InvalidOperationException exception)
            {
                Console.Error.WriteLine($"mmun: {name}: {exception.Message}");
                return ExitCodes.Impossible;
            }

            string? failure = result.Failure;
            if (failure is null && staleAccesses > 0)
                failure = string.Create(CultureInfo.InvariantCulture, $"{staleAccesses} accesses of free frames{Environment.NewLine}");
            ProgressLine.Print(progress, string.Create(
                CultureInfo.InvariantCulture,
                $"{name}: {(failure is null ? "ok" : "WRONG")}; device accesses {result.DeviceAccesses}, refused {result.DeviceRefusals}, "
                    + $"busy {result.DeviceBusy}; CPU accesses {result.CpuAccesses}; changes {result.Changes}; pages taken "
                    + $"{result.MigratedPages}"));
            progress?.Dispose();
            if (failure is not null)
                PrintFailure(failure, name, backend, options);
            isWrong |= failure is not null;
            if (interruption.Asked.IsCancellationRequested)
                break;
        }

        interruption.Report();
        return isWrong ? ExitCodes.Differs : interruption.ExitCode;
    }

    private static void PrintFailure(string failure, string name, string backend, StressOptions options)
    {
        Console.WriteLine(failure);
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"To repeat it: mmun lab stress --driver {name} --backend {backend} --seed {options.Seed} --threads {options.Threads} "
                + $"--duration {options.Duration!.Value.TotalSeconds}"));
    }
}
