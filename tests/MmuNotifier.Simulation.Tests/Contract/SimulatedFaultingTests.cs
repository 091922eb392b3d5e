namespace MmuNotifier.Simulation.Tests.Contract;

public sealed class SimulatedFaultingTests() : FaultingContract(new SimulatedMemory(), announcesOnlyChanges: true);
