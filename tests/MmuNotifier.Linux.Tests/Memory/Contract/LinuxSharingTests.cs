using MmuNotifier.MemoryContract;

namespace MmuNotifier.Linux.Tests.Memory.Contract;

[Collection(LinuxContractGroup.Name)]
public sealed class LinuxSharingTests() : SharingContract(new LinuxMemory(), announcesOnlyChanges: false);
