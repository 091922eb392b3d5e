namespace MmuNotifier.Simulation.Tests.Contract;

public sealed class SimulatedMappingTests() : MappingContract(new SimulatedMemory(), announcesOnlyChanges: true);
