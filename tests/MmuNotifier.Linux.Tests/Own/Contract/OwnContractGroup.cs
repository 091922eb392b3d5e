namespace MmuNotifier.Linux.Tests.Own.Contract;

/// <summary>One after the other: all use the same addresses of this process.</summary>
[CollectionDefinition(Name)]
public sealed class OwnContractGroup
{
    internal const string Name = "Own memory's contract";
}
