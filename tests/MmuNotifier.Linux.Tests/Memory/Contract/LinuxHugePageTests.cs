using MmuNotifier.MemoryContract;

namespace MmuNotifier.Linux.Tests.Memory.Contract;

[Collection(PageSharingGroup.Name)]
public sealed class LinuxHugePageTests() : HugePageContract(new LinuxMemory(), announcesOnlyChanges: false);
