using MmuNotifier.MemoryContract;

namespace MmuNotifier.Linux.Tests.Memory.Contract;

[Collection(PageSharingGroup.Name)]
public sealed class LinuxSharingTests() : SharingContract(new LinuxMemory(), announcesOnlyChanges: false);
