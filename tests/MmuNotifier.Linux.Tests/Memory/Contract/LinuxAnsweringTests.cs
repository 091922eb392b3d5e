using MmuNotifier.MemoryContract;

namespace MmuNotifier.Linux.Tests.Memory.Contract;

[Collection(LinuxContractGroup.Name)]
public sealed class LinuxAnsweringTests() : AnsweringContract(new LinuxMemory(), announcesOnlyChanges: false);
