using MmuNotifier.MemoryContract;

namespace MmuNotifier.Linux.Tests.Memory.Contract;

[Collection(PageSharingGroup.Name)]
public sealed class LinuxExclusiveTests() : ExclusiveContract(new LinuxMemory(), announcesOnlyChanges: false);
