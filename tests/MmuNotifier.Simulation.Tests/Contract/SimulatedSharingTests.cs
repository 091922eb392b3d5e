namespace MmuNotifier.Simulation.Tests.Contract;

public sealed class SimulatedSharingTests() : SharingContract(new SimulatedMemory(), announcesOnlyChanges: true);
