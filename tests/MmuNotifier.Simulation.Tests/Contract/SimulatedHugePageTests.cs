namespace MmuNotifier.Simulation.Tests.Contract;

public sealed class SimulatedHugePageTests() : HugePageContract(new SimulatedMemory(), announcesOnlyChanges: true);
