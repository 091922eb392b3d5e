using MmuNotifier.MemoryContract;

namespace MmuNotifier.Linux.Tests.Memory.Contract;

[Collection(LinuxContractGroup.Name)]
public sealed class LinuxRemappingTests() : RemappingContract(new LinuxMemory(), announcesOnlyChanges: false);
