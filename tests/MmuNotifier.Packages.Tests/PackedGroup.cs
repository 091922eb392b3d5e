namespace MmuNotifier.Packages.Tests;

/// <summary>Packed once for all tests.</summary>
[CollectionDefinition(Name)]
public sealed class PackedGroup : ICollectionFixture<Packed>
{
    internal const string Name = "packed";
}
