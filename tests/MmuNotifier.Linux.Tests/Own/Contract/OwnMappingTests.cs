using MmuNotifier.Linux.Own;
using MmuNotifier.MemoryContract;

namespace MmuNotifier.Linux.Tests.Own.Contract;

[Collection(OwnContractGroup.Name)]
public sealed class OwnMappingTests() : MappingContract(new OwnMemory(), announcesOnlyChanges: false);
