namespace MmuNotifier.Simulation.Tests.Contract;

public sealed class SimulatedMigratingTests() : MigratingContract(new SimulatedMemory(), announcesOnlyChanges: true);
