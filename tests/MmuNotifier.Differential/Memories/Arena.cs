using MmuNotifier.Linux;
using MmuNotifier.Simulation;

namespace MmuNotifier.Differential;

/// <summary>Where the memories under test lie, and makes them.</summary>
public static class Arena
{
    /// <summary>Far below where the kernel puts mappings of its own choice, aligned to huge pages.</summary>
    private const ulong First = 0x1000_0000_0000;

    private const ulong Distance = 0x10_0000_0000;

    private static readonly SimulatedMachineOptions s_machine = new() { Frames = 1 << 13, HugeTlbPages = 0 };

    /// <summary>A fresh memory with an empty arena.</summary>
    /// <param name="kind">Which.</param>
    /// <param name="pages">Pages of the arena.</param>
    /// <param name="place">Arenas of one process need different places.</param>
    public static Side Make(MemoryKind kind, int pages, int place = 0)
    {
        IProgramMemory memory = kind switch
        {
            MemoryKind.Kernel => new KernelMemory(),
            MemoryKind.Linux => new VirtualProgramMemory(new LinuxMemory()),
            MemoryKind.Simulated => new VirtualProgramMemory(new SimulatedMemory(new SimulatedMachine(s_machine))),
            _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "Not a memory."),
        };
        return new Side(memory, First + ((ulong)place * Distance), pages);
    }
}
