using MmuNotifier.Linux.Own;
using MmuNotifier.MemoryContract;

namespace MmuNotifier.Linux.Tests.Own.Contract;

[Collection(OwnContractGroup.Name)]
public sealed class OwnExclusiveTests() : ExclusiveContract(new OwnMemory(), announcesOnlyChanges: false);
