using MmuNotifier.Linux.Own;
using MmuNotifier.MemoryContract;

namespace MmuNotifier.Linux.Tests.Own.Contract;

[Collection(OwnContractGroup.Name)]
public sealed class OwnAdvisingTests() : AdvisingContract(new OwnMemory(), announcesOnlyChanges: false);
