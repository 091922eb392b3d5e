namespace MmuNotifier.Simulation.Tests.Contract;

public sealed class SimulatedAnsweringTests() : AnsweringContract(new SimulatedMemory(), announcesOnlyChanges: true);
