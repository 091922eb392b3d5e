using MmuNotifier.MemoryContract;

namespace MmuNotifier.Linux.Tests.Memory.Contract;

[Collection(LinuxContractGroup.Name)]
public sealed class LinuxHugePageTests() : HugePageContract(new LinuxMemory(), announcesOnlyChanges: false);
