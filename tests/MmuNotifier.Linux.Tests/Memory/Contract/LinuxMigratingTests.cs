using MmuNotifier.MemoryContract;

namespace MmuNotifier.Linux.Tests.Memory.Contract;

[Collection(PageSharingGroup.Name)]
public sealed class LinuxMigratingTests() : MigratingContract(new LinuxMemory(), announcesOnlyChanges: false);
