namespace MmuNotifier.Simulation.Tests.Contract;

public sealed class SimulatedAdvisingTests() : AdvisingContract(new SimulatedMemory(), announcesOnlyChanges: true);
