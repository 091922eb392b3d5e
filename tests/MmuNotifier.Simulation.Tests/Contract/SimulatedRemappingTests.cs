namespace MmuNotifier.Simulation.Tests.Contract;

public sealed class SimulatedRemappingTests() : RemappingContract(new SimulatedMemory(), announcesOnlyChanges: true);
