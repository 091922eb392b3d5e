using MmuNotifier.Linux.Own;
using MmuNotifier.MemoryContract;

namespace MmuNotifier.Linux.Tests.Own.Contract;

[Collection(OwnContractGroup.Name)]
public sealed class OwnHugePageTests() : HugePageContract(new OwnMemory(), announcesOnlyChanges: false);
