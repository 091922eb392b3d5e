namespace MmuNotifier.Tool.Tests.EndToEnd;

/// <summary>Tests that freeze real programs do not run beside each other: they would only wait for the same two processors.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public class EndToEndGroup
{
    public const string Name = "end to end";
}
