namespace MmuNotifier.Simulation.Tests.Contract;

public sealed class SimulatedExclusiveTests() : ExclusiveContract(new SimulatedMemory(), announcesOnlyChanges: true);
