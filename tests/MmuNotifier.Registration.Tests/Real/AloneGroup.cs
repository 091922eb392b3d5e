namespace MmuNotifier.Registration.Tests.Real;

/// <summary>Tests that measure the whole heap, to which the tests beside them would add.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class AloneGroup
{
    internal const string Name = "alone";
}
