using MmuNotifier.MemoryContract;

namespace MmuNotifier.Linux.Tests.Memory.Contract;

[Collection(PageSharingGroup.Name)]
public sealed class LinuxRemappingTests() : RemappingContract(new LinuxMemory(), announcesOnlyChanges: false);
