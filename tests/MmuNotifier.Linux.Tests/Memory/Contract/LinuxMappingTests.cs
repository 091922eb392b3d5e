using MmuNotifier.MemoryContract;

namespace MmuNotifier.Linux.Tests.Memory.Contract;

[Collection(PageSharingGroup.Name)]
public sealed class LinuxMappingTests() : MappingContract(new LinuxMemory(), announcesOnlyChanges: false);
