using MmuNotifier.MemoryContract;

namespace MmuNotifier.Linux.Tests.Memory.Contract;

[Collection(PageSharingGroup.Name)]
public sealed class LinuxFaultingTests() : FaultingContract(new LinuxMemory(), announcesOnlyChanges: false);
