using System.Globalization;
using MmuNotifier.Hmm.Drivers;
using MmuNotifier.Hmm.Drivers.Stress;
using MmuNotifier.Simulation;

namespace MmuNotifier.Tool.Commands;

/// <summary>Does what <c>mmun stress</c> is asked for.</summary>
internal static class StressRun
{
    internal static int Execute(string driver, int seed, int threads, TimeSpan duration)
    {
        int exitCode = ExitCodes.Success;
        foreach (string name in driver == "all" ? ReferenceDrivers.Names : [driver])
        {
            using var memory = new SimulatedMemory();
            var options = new StressOptions { Seed = seed, Threads = threads, Duration = duration };
            StressResult result;
            try
            {
                result = DriverStress.Run(memory, (space, range) => ReferenceDrivers.Attach(name, space, range), options);
            }
            catch (InvalidOperationException exception)
            {
                Console.Error.WriteLine($"mmun: {name}: {exception.Message}");
                return ExitCodes.Impossible;
            }

            string? failure = result.Failure;
            if (failure is null && memory.Machine.StaleFrameAccesses > 0)
                failure = string.Create(CultureInfo.InvariantCulture, $"{memory.Machine.StaleFrameAccesses} accesses of free frames{Environment.NewLine}");
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{name}: {(failure is null ? "ok" : "WRONG")}; device accesses {result.DeviceAccesses}, refused {result.DeviceRefusals}, busy {result.DeviceBusy}; CPU accesses {result.CpuAccesses}; changes {result.Changes}"));
            if (failure is null)
                continue;
            exitCode = ExitCodes.Differs;
            Console.WriteLine(failure);
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"Again: mmun stress --driver {name} --backend simulated --seed {seed} --threads {threads} --duration {duration.TotalSeconds}"));
        }

        return exitCode;
    }
}
