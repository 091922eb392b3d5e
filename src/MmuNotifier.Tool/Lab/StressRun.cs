using System.Globalization;
using MmuNotifier.Hmm;
using MmuNotifier.Hmm.Drivers;
using MmuNotifier.Hmm.Drivers.Stress;
using MmuNotifier.Simulation;
using MmuNotifier.Tool.Commands;

namespace MmuNotifier.Tool.Lab;

/// <summary>Does what <c>mmun lab stress</c> is asked for.</summary>
internal static class StressRun
{
    internal static int Execute(string driver, string backend, StressOptions options)
    {
        int exitCode = ExitCodes.Success;
        foreach (string name in driver == "all" ? ReferenceDrivers.Names : [driver])
        {
            StressResult result;
            long staleAccesses;
            try
            {
                using VirtualMemory memory = MemoryBackend.CreateKeeping(backend);
                result = DriverStress.Run(memory, (space, range) => ReferenceDrivers.Attach(name, space, range), options);
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
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{name}: {(failure is null ? "ok" : "WRONG")}; device accesses {result.DeviceAccesses}, refused {result.DeviceRefusals}, "
                    + $"busy {result.DeviceBusy}; CPU accesses {result.CpuAccesses}; changes {result.Changes}; pages taken "
                    + $"{result.MigratedPages}"));
            if (failure is null)
                continue;
            exitCode = ExitCodes.Differs;
            Console.WriteLine(failure);
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"Again: mmun lab stress --driver {name} --backend {backend} --seed {options.Seed} --threads {options.Threads} --duration "
                    + $"{options.Duration!.Value.TotalSeconds}"));
        }

        return exitCode;
    }
}
