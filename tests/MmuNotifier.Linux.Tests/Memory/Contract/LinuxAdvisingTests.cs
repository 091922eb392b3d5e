using MmuNotifier.MemoryContract;

namespace MmuNotifier.Linux.Tests.Memory.Contract;

[Collection(PageSharingGroup.Name)]
public sealed class LinuxAdvisingTests() : AdvisingContract(new LinuxMemory(), announcesOnlyChanges: false);
