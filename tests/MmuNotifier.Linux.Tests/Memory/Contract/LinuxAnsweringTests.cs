using MmuNotifier.MemoryContract;

namespace MmuNotifier.Linux.Tests.Memory.Contract;

[Collection(PageSharingGroup.Name)]
public sealed class LinuxAnsweringTests() : AnsweringContract(new LinuxMemory(), announcesOnlyChanges: false);
