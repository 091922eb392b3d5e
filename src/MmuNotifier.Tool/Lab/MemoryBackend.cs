using System.CommandLine;
using MmuNotifier.Hmm;
using MmuNotifier.Linux;
using MmuNotifier.Simulation;
using MmuNotifier.Tool.CommandLine;

namespace MmuNotifier.Tool.Lab;

/// <summary>The address spaces that commands can work on, and the option that chooses one.</summary>
internal static class MemoryBackend
{
    private const string Simulated = "simulated";
    private const string Linux = "linux";

    internal static Option<string?> CreateOption()
    {
        Option<string?> option = Values.Word(
            "--backend",
            "The address space: simulated, or linux: memory of this process.",
            standard: Simulated,
            $"{Simulated}|{Linux}",
            Simulated,
            Linux);
        option.Aliases.Add("-b");
        return option;
    }

    /// <summary>Makes an empty address space.</summary>
    /// <exception cref="InvalidOperationException">This machine cannot.</exception>
    internal static VirtualMemory Create(string name) => name == Linux ? new LinuxMemory() : new SimulatedMemory();

    /// <summary>As <see cref="Create"/>, but what is unmapped stays free for fixed mappings: the runtime gets none of it.</summary>
    /// <exception cref="InvalidOperationException">This machine cannot.</exception>
    internal static VirtualMemory CreateKeeping(string name) =>
        name == Linux ? new LinuxMemory(reserveUnmappedRanges: true) : new SimulatedMemory();
}
