namespace MmuNotifier.Linux.Tests.Memory;

/// <summary>
/// One after the other, and beside no other test: a fork shares every private page of this process, also those of a test that expects its
/// pages to be its own. The tests of the contract also use the same addresses.
/// </summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class PageSharingGroup
{
    public const string Name = "page sharing";
}
