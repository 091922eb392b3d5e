namespace MmuNotifier.Linux.Tests.Memory.Contract;

/// <summary>One after the other: all use the same addresses of this process.</summary>
[CollectionDefinition(Name)]
public sealed class LinuxContractGroup
{
    internal const string Name = "Own memory's contract";
}
